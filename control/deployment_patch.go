package control

import (
	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
)

var deploymentPatch = patch.Table[apigw.Deployment]{
	Resource: "Deployment",
	Refuse:   patch.ListsPaths,
	Rows: []patch.Row[apigw.Deployment]{
		{Path: "/description", Ops: patch.Replace, Apply: func(d *apigw.Deployment, op patch.Op) error {
			d.Description = op.Text()
			return nil
		}},
	},
}

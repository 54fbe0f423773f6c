package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// linkDelay is how long a new VPC link says PENDING.
const linkDelay = 500 * time.Millisecond

// vpcLink reads a VPC link, or refuses. Recorded: get-vpc-link of an unknown id.
func (t *tx) vpcLink(id string) (*domain.VPCLink, error) {
	link, ok, err := get[apigw.VpcLink, domain.VPCLinkExt](t, t.scope.VPCLinkKey(id))
	if err == nil && !ok {
		err = fault.NotFoundf("Invalid Vpc Link identifier specified")
	}
	return link, err
}

// presentLink returns a VPC link as answers show it at a time.
func presentLink(link *domain.VPCLink, now time.Time) *apigw.VpcLink {
	shown := link.Shape
	shown.Status = new(apigw.VpcLinkStatus_PENDING)
	if !now.Before(link.Ext.Ready) {
		shown.Status = new(apigw.VpcLinkStatus_AVAILABLE)
		shown.StatusMessage = new("Your vpc link is ready for use")
	}
	if len(shown.Tags) == 0 {
		shown.Tags = nil
	}
	return &shown
}

// CreateVpcLink makes a VPC link, which is ready after a while.
func (s *Service) CreateVpcLink(ctx context.Context, in *apigw.CreateVpcLinkRequest) (*apigw.VpcLink, error) {
	var out *apigw.VpcLink
	err := s.change(ctx, "create-vpclink", func(t *tx) error {
		link := apigw.VpcLink{
			Id: new(s.IDs.Part()), Name: in.Name, Description: apigw.Text(apigw.Val(in.Description)), TargetArns: in.TargetArns, Tags: in.Tags,
		}
		if err := checkLink(&link); err != nil {
			return err
		}
		if err := s.checkTags(in.Tags); err != nil {
			return err
		}
		if err := s.Quotas.check(VPCLinksPerRegion, t.view.Count(t.scope.VPCLinks())+1); err != nil {
			return err
		}
		record := domain.New(link, domain.VPCLinkExt{Ready: t.now.Add(linkDelay)})
		t.put(t.scope.VPCLinkKey(*link.Id), record)
		out = presentLink(record, t.now.Time)
		return nil
	})
	return out, err
}

// checkLink holds the rules over a VPC link. The text for too many targets is
// quoted by users, that for the name is an emulator's.
func checkLink(link *apigw.VpcLink) error {
	switch {
	case apigw.Val(link.Name) == "":
		return fault.BadRequestf("Name cannot be empty")
	case len(link.TargetArns) == 0:
		return fault.BadRequestf("No target arn specified for vpc link.") // assumed
	case len(link.TargetArns) > 1:
		return fault.BadRequestf("More than one target arn specified for vpc link.")
	case !anyARN.MatchString(link.TargetArns[0]):
		return fault.BadRequestf("Invalid ARN specified in the request") // assumed
	}
	return nil
}

// GetVpcLink answers one VPC link.
func (s *Service) GetVpcLink(ctx context.Context, in *apigw.GetVpcLinkRequest) (*apigw.VpcLink, error) {
	var out *apigw.VpcLink
	err := s.read(ctx, func(t *tx) error {
		link, err := t.vpcLink(in.VpcLinkId)
		if err == nil {
			out = presentLink(link, t.now.Time)
		}
		return err
	})
	return out, err
}

// GetVpcLinks lists the VPC links of the account by id.
func (s *Service) GetVpcLinks(ctx context.Context, in *apigw.GetVpcLinksRequest) (*apigw.VpcLinks, error) {
	out := &apigw.VpcLinks{}
	err := s.read(ctx, func(t *tx) error {
		items := []apigw.VpcLink{}
		for link, err := range scan[apigw.VpcLink, domain.VPCLinkExt](t, t.scope.VPCLinks()) {
			if err != nil {
				return err
			}
			items = append(items, *presentLink(link, t.now.Time))
		}
		key := func(link apigw.VpcLink) string { return *link.Id }
		sortBy(items, key)
		var err error
		out.Items, out.Position, err = page(items, key, in.Position, in.Limit)
		return err
	})
	return out, err
}

var linkPatch = patch.Table[apigw.VpcLink]{
	Resource: "VpcLink",
	Refuse: func(op patch.Op, known patch.Ops, rows []patch.RowInfo) error {
		if op.Path == "/targetArns" || strings.HasPrefix(op.Path, "/targetArns/") {
			return fault.BadRequestf("Target arns are not allowed to be changed/added.")
		}
		return patch.ListsPaths(op, known, rows)
	},
	Finish: checkLink,
	Rows: []patch.Row[apigw.VpcLink]{
		{Path: "/name", Ops: patch.Replace, Apply: func(link *apigw.VpcLink, op patch.Op) error { return setText(&link.Name, op) }},
		{Path: "/description", Ops: patch.Replace, Apply: func(link *apigw.VpcLink, op patch.Op) error { return setText(&link.Description, op) }},
	},
}

// UpdateVpcLink patches a VPC link.
func (s *Service) UpdateVpcLink(ctx context.Context, in *apigw.UpdateVpcLinkRequest) (*apigw.VpcLink, error) {
	var out *apigw.VpcLink
	err := s.update(ctx, in.VpcLinkId, in.PatchOperations, func(t *tx) error {
		link, err := t.vpcLink(in.VpcLinkId)
		if err != nil {
			return err
		}
		if err := linkPatch.Apply(&link.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(t.scope.VPCLinkKey(in.VpcLinkId), link)
		out = presentLink(link, t.now.Time)
		return nil
	})
	return out, err
}

// DeleteVpcLink removes a VPC link that no integration names, in what is edited
// or in what a stage serves. The text is quoted by users. Nothing keeps an
// integration from naming a link that is not there, so the commit need not
// depend on none doing so meanwhile.
func (s *Service) DeleteVpcLink(ctx context.Context, in *apigw.DeleteVpcLinkRequest) error {
	return s.change(ctx, in.VpcLinkId, func(t *tx) error {
		if _, err := t.vpcLink(in.VpcLinkId); err != nil {
			return err
		}
		users, err := t.linkUsers(in.VpcLinkId)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return fault.BadRequestf("Cannot delete vpc link. Vpc link '%s', is referenced in [%s] in format of [RESTApiId:Method:Resource:Stage].",
				in.VpcLinkId, strings.Join(users, ", "))
		}
		t.delete(t.scope.VPCLinkKey(in.VpcLinkId))
		return nil
	})
}

// linkUsers returns the methods whose integration names a VPC link. Of those
// that are edited the stage is empty. Assumed.
func (t *tx) linkUsers(id string) ([]string, error) {
	var users []string
	for entry := range t.view.Scan(t.scope.APIs()) {
		k, _ := domain.ParseKey(entry.Key)
		edited, err := t.linkUsersEdited(k.Rest[0], id)
		if err != nil {
			return nil, err
		}
		users = append(users, edited...)
		for stage, err := range scan[apigw.Stage, domain.StageExt](t, t.scope.Stages(k.Rest[0])) {
			if err != nil {
				return nil, err
			}
			served, err := t.linkUsersServed(k.Rest[0], &stage.Shape, id)
			if err != nil {
				return nil, err
			}
			users = append(users, served...)
		}
	}
	return users, nil
}

func namesLink(m *apigw.Method, id string) bool {
	return m.MethodIntegration != nil && apigw.Val(m.MethodIntegration.ConnectionId) == id
}

func linkUser(api, verb, resource, stage string) string {
	return fmt.Sprintf("%s:%s:%s:%s", api, verb, resource, stage)
}

func (t *tx) linkUsersEdited(api, id string) ([]string, error) {
	var users []string
	for entry := range t.view.Scan(t.scope.AllParts(api)) {
		k, _ := domain.ParseKey(entry.Key)
		if len(k.Rest) != 5 || k.Rest[2] != "method" {
			continue
		}
		m, err := domain.Decode[apigw.Method, domain.None](entry.Key, entry.Value)
		if err != nil {
			return nil, err
		}
		if namesLink(&m.Shape, id) {
			users = append(users, linkUser(api, *m.Shape.HttpMethod, k.Rest[3], ""))
		}
	}
	return users, nil
}

// linkUsersServed looks into the deployments that a stage serves, in production
// and in the canary.
func (t *tx) linkUsersServed(api string, stage *apigw.Stage, id string) ([]string, error) {
	deployments := []string{apigw.Val(stage.DeploymentId)}
	if c := stage.CanarySettings; c != nil && apigw.Val(c.DeploymentId) != deployments[0] {
		deployments = append(deployments, apigw.Val(c.DeploymentId))
	}
	var users []string
	for _, deployment := range deployments {
		snapshot, err := t.frozen(api, deployment)
		if err != nil {
			return nil, err
		}
		for _, resource := range snapshot.Resources {
			for _, verb := range sortedKeys(resource.ResourceMethods) {
				if m := resource.ResourceMethods[verb]; namesLink(&m, id) {
					users = append(users, linkUser(api, verb, *resource.Id, *stage.StageName))
				}
			}
		}
	}
	return users, nil
}

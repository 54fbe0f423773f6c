package node

import (
	"errors"
	"io"
	"net/http"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/fault"
)

// definition answers what a deployment of an API would freeze, or what that of
// a stage has frozen.
func (n *Node) definition(w http.ResponseWriter, r *http.Request) {
	preview, err := n.service.Definition(r.Context(), r.PathValue("api"), r.PathValue("stage"))
	n.answer(w, preview, err)
}

// maxDocument is above what an import reads, so that the refusal is the
// import's.
const maxDocument = 8 << 20

// preview answers what a deployment would freeze after PutRestApi with the
// document in the body. The query is that of PutRestApi.
func (n *Node) preview(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDocument))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			n.answer(w, nil, fault.New(fault.RequestTooLarge, "The document is too large"))
		}
		return // else the client is gone
	}
	in := &apigw.PutRestApiRequest{RestApiId: r.PathValue("api"), Body: body, Parameters: map[string]string{}}
	for name, values := range r.URL.Query() {
		if name == "mode" {
			in.Mode = &values[0]
			continue
		}
		in.Parameters[name] = values[0]
	}
	preview, err := n.service.PreviewPut(r.Context(), in)
	n.answer(w, preview, err)
}

func (n *Node) answer(w http.ResponseWriter, preview *control.Preview, err error) {
	if err == nil {
		respond(w, http.StatusOK, preview)
		return
	}
	f := fault.From(err)
	if f.Cause != nil {
		n.cfg.Log.Error("a definition cannot be read", "error", f)
	}
	respond(w, f.Kind.Status(), map[string]string{"message": f.Message})
}

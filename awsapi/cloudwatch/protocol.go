package cloudwatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// protocol is how a client writes requests and reads answers.
type protocol interface {
	// request returns the name of the operation, and what fills in its input.
	request(r *http.Request, body []byte) (name string, decode func(any) error)
	answer(w http.ResponseWriter, requestID, operation string, out any)
	refuse(w http.ResponseWriter, requestID string, r *refusal)
}

const (
	apiName      = "GraniteServiceVersion20100801"
	targetPrefix = apiName + "."
	rpcPrefix    = "/service/" + apiName + "/operation/"
	// shapes is the namespace of exceptions in the model.
	shapes = "com.amazonaws.cloudwatch#"
)

// protocolOf returns the protocol of a request; Query, the oldest, if it has
// the signs of no other.
func protocolOf(r *http.Request) protocol {
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		return jsonProtocol{}
	case r.Header.Get("Smithy-Protocol") != "":
		return cborProtocol{}
	}
	return queryProtocol{}
}

// jsonProtocol is AWS JSON 1.0.
type jsonProtocol struct{}

func (jsonProtocol) request(r *http.Request, body []byte) (string, func(any) error) {
	return strings.TrimPrefix(r.Header.Get("X-Amz-Target"), targetPrefix), func(in any) error {
		if len(bytes.TrimSpace(body)) == 0 {
			return nil
		}
		return json.Unmarshal(body, in)
	}
}

func (p jsonProtocol) answer(w http.ResponseWriter, _, _ string, out any) {
	p.write(w, http.StatusOK, out)
}

func (jsonProtocol) write(w http.ResponseWriter, status int, out any) {
	var content bytes.Buffer
	enc := json.NewEncoder(&content)
	enc.SetEscapeHTML(false)
	respond(w, status, "application/x-amz-json-1.0", &content, enc.Encode(out))
}

func (p jsonProtocol) refuse(w http.ResponseWriter, _ string, r *refusal) {
	setQueryError(w, r)
	p.write(w, r.Status, refusalBody{shapes + r.Shape, r.Message})
}

// refusalBody is an error in JSON and CBOR.
type refusalBody struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

// setQueryError tells clients that moved from Query the code that they know.
func setQueryError(w http.ResponseWriter, r *refusal) {
	w.Header()["x-amzn-query-error"] = []string{r.Code + ";" + sender(r)}
}

func sender(r *refusal) string {
	if r.Status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// cborProtocol is Smithy RPC v2 with CBOR.
type cborProtocol struct{}

// cborDecoding bounds what a client may send; the library bounds nesting.
var cborDecoding = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		MaxNestedLevels: 16, MaxArrayElements: 10_000, MaxMapPairs: 1_000, DupMapKey: cbor.DupMapKeyEnforcedAPF,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}()

func (cborProtocol) request(r *http.Request, body []byte) (string, func(any) error) {
	return strings.TrimPrefix(r.URL.Path, rpcPrefix), func(in any) error {
		if len(body) == 0 {
			return nil
		}
		return cborDecoding.Unmarshal(body, in)
	}
}

func (p cborProtocol) answer(w http.ResponseWriter, _, _ string, out any) {
	p.write(w, http.StatusOK, out)
}

func (cborProtocol) write(w http.ResponseWriter, status int, out any) {
	w.Header()["smithy-protocol"] = []string{"rpc-v2-cbor"}
	content, err := cbor.Marshal(out)
	respond(w, status, "application/cbor", bytes.NewBuffer(content), err)
}

func (p cborProtocol) refuse(w http.ResponseWriter, _ string, r *refusal) {
	setQueryError(w, r)
	p.write(w, r.Status, refusalBody{shapes + r.Shape, r.Message})
}

// respond sends an answer. That one cannot be encoded is a mistake in this
// package.
func respond(w http.ResponseWriter, status int, contentType string, content *bytes.Buffer, err error) {
	if err != nil {
		panic(fmt.Sprintf("an answer cannot be encoded: %v", err))
	}
	w.Header()["Content-Type"] = []string{contentType}
	w.WriteHeader(status)
	_, _ = w.Write(content.Bytes()) // the client may be gone
}

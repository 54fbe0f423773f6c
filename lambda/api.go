package lambda

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// maxPayload bounds an answer: 6 MB and a little more, as Lambda's own messages
// have it.
const maxPayload = 6<<20 + 100

// api is the Lambda Runtime API, version 2018-06-01, for one process.
func (p *process) api() http.Handler {
	mux := http.NewServeMux()
	const base = "/2018-06-01/runtime/"
	mux.HandleFunc("GET "+base+"invocation/next", p.next)
	mux.HandleFunc("POST "+base+"invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { p.answer(w, r, false) })
	mux.HandleFunc("POST "+base+"invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { p.answer(w, r, true) })
	mux.HandleFunc("POST "+base+"init/error", p.initError)
	return mux
}

// next waits for a call and hands it to the program.
func (p *process) next(w http.ResponseWriter, r *http.Request) {
	var j *job
	select {
	case j = <-p.work:
	case <-r.Context().Done():
		return
	case <-p.ended:
		return
	}
	c := &p.function.runtime.config
	j.deadline = c.Clock.Now().Add(c.Timeout)
	p.mu.Lock()
	p.current, p.arn = j, j.ARN
	p.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", j.RequestID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(j.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", j.ARN)
	if j.Trace != "" {
		h.Set("Lambda-Runtime-Trace-Id", j.Trace)
	}
	h.Set("Content-Length", strconv.Itoa(len(j.Payload)))
	_, _ = w.Write(j.Payload) // a program that has gone is noticed by its end
}

// answer takes the program's answer to the present call.
func (p *process) answer(w http.ResponseWriter, r *http.Request, failed bool) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	tooLong, isTooLong := errors.AsType[*http.MaxBytesError](err)
	if err != nil && !isTooLong {
		return // the program has gone
	}
	p.mu.Lock()
	j := p.current
	if j == nil || j.RequestID != r.PathValue("id") {
		p.mu.Unlock()
		reply(w, http.StatusBadRequest, `{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}`)
		return
	}
	p.current = nil
	p.mu.Unlock()
	if isTooLong {
		limit := fmt.Sprintf("maximum allowed payload size (%d bytes).", tooLong.Limit)
		reply(w, http.StatusRequestEntityTooLarge, `{"errorMessage":"Exceeded `+limit+`","errorType":"RequestEntityTooLarge"}`)
		j.done <- describe("Function.ResponseSizeTooLarge", "Response payload size exceeded "+limit)
		return
	}
	// The program is told first: it may be asked for its next call at once.
	reply(w, http.StatusAccepted, `{"status":"OK"}`)
	j.done <- Result{Payload: payload, Failed: failed}
}

// initError keeps what the program says of its failed start; it will end.
func (p *process) initError(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		return
	}
	p.mu.Lock()
	p.broken = payload
	p.mu.Unlock()
	reply(w, http.StatusAccepted, `{"status":"OK"}`)
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

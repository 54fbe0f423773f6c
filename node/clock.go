package node

import (
	"encoding/json"
	"net/http"
	"time"
)

// clockState is what GET /_postern/clock answers.
type clockState struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

func (n *Node) clock(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, clockState{n.test.Now().UTC(), n.test.Frozen()})
}

// clockChange is what POST /_postern/clock takes: both members may be given,
// and then the clock is frozen, or goes on, before it is advanced.
type clockChange struct {
	Frozen  *bool   `json:"frozen"`
	Advance *string `json:"advance"` // "90s", "24h"
}

// maxAdvance keeps dates within what their formats can write.
const maxAdvance = 100 * 365 * 24 * time.Hour

func (n *Node) setClock(w http.ResponseWriter, r *http.Request) {
	var change clockChange
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&change); err != nil {
		respond(w, http.StatusBadRequest, map[string]string{"message": `want {"frozen": true, "advance": "90s"}, or one of the two`})
		return
	}
	var advance time.Duration
	if change.Advance != nil {
		var err error
		if advance, err = time.ParseDuration(*change.Advance); err != nil || advance < 0 || advance > maxAdvance {
			respond(w, http.StatusBadRequest, map[string]string{"message": `advance: want a duration such as "90s" or "24h"; time does not go back`})
			return
		}
	}
	if change.Frozen != nil {
		n.test.Freeze(*change.Frozen)
	}
	n.test.Advance(advance)
	n.clock(w, r)
}

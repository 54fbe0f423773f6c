package credentials

import (
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/sigv4"
)

// Keys finds access keys; *File does.
type Keys interface {
	// Key returns a key by its id, or nil.
	Key(id string) *Key
}

// Verifier takes right signatures by keys that are known.
type Verifier struct {
	Keys    Keys
	Clock   clock.Clock
	Skew    time.Duration // how far clocks may differ; zero: five minutes
	Service string        // that requests must be signed for
	// CheckRegion refuses regions; nil: any will do.
	CheckRegion func(region string) error
}

// Verify returns who signed a request. Everything that can be refused without
// the body is refused before body is called. The error is a *sigv4.Error, or
// that of CheckRegion or body.
func (v Verifier) Verify(r *sigv4.Request, body func() ([]byte, error)) (*Key, *sigv4.Credential, error) {
	c, err := sigv4.Read(r)
	if err != nil {
		return nil, nil, err
	}
	key := v.Keys.Key(c.AccessKey)
	if key == nil {
		return nil, nil, sigv4.ErrUnrecognized
	}
	if err := sigv4.CheckToken(&c, key.SessionToken); err != nil {
		return nil, nil, err
	}
	now := v.Clock.Now().UTC()
	if !key.Expires.IsZero() && !now.Before(key.Expires) {
		return nil, nil, sigv4.ErrExpired
	}
	verifier := sigv4.Verifier{Service: v.Service, Skew: v.Skew}
	if err := verifier.CheckScope(r, &c, now); err != nil {
		return nil, nil, err
	}
	if v.CheckRegion != nil {
		if err := v.CheckRegion(c.Region); err != nil {
			return nil, nil, err
		}
	}
	content, err := body()
	if err != nil {
		return nil, nil, err
	}
	if err := verifier.CheckSignature(r, &c, key.Secret, content); err != nil {
		return nil, nil, err
	}
	return key, &c, nil
}

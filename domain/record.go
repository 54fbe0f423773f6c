package domain

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/postern-gateway/postern/apigw"
)

// Version is the version of the records that this binary writes. It reads all
// versions up to this one.
const Version = 1

// Record is the envelope of everything in the store: a shape as the wire shows
// it, and what the wire never shows.
type Record[S, E any] struct {
	Version int `json:"v"`
	Shape   S   `json:"shape"`
	Ext     E   `json:"ext,omitzero"`
}

// None is the Ext of a record that hides nothing.
type None struct{}

// The records, by what they hold.
type (
	API        = Record[apigw.RestApi, OrderExt]
	Resource   = Record[apigw.Resource, None]
	Method     = Record[apigw.Method, None]
	Model      = Record[apigw.Model, None]
	Authorizer = Record[apigw.Authorizer, None]
	Validator  = Record[apigw.RequestValidator, None]
	// GatewayResponse is one that was put; the others are derived.
	GatewayResponse      = Record[apigw.GatewayResponse, None]
	DocumentationPart    = Record[apigw.DocumentationPart, None]
	DocumentationVersion = Record[apigw.DocumentationVersion, DocumentationExt]

	Deployment = Record[apigw.Deployment, DeploymentExt]
	Stage      = Record[apigw.Stage, StageExt]
	Account    = Record[apigw.Account, None]
	Generation = Record[int, None]

	DomainName  = Record[apigw.DomainName, DomainExt]
	Mapping     = Record[apigw.BasePathMapping, None]
	Association = Record[apigw.DomainNameAccessAssociation, None]
	VPCLink     = Record[apigw.VpcLink, VPCLinkExt]
	// Reference is a uniqueness key: its value is the id of the owner.
	Reference = Record[string, None]
)

// DocumentationExt is what a documentation version froze, and when.
type DocumentationExt struct {
	OrderExt
	Parts []byte `json:"parts"` // PackParts of the parts, by location
}

// PackParts returns documentation parts in a form for DocumentationExt: there
// may be thousands, and their texts compress well.
func PackParts(parts []apigw.DocumentationPart) []byte {
	data, err := json.Marshal(parts)
	if err != nil {
		panic(fmt.Sprintf("documentation parts cannot be encoded: %v", err)) // see Encode
	}
	return pack(data)
}

// UnpackParts reads what PackParts made.
func UnpackParts(packed []byte) ([]apigw.DocumentationPart, error) {
	data, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	var parts []apigw.DocumentationPart
	return parts, json.Unmarshal(data, &parts)
}

func pack(data []byte) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(data) // a bytes.Buffer takes everything
	_ = w.Close()
	return packed.Bytes()
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// DeploymentExt says where the snapshot of a deployment is, and when it was made.
type DeploymentExt struct {
	OrderExt
	Hash   string `json:"hash"`   // of the snapshot's content: equal definitions, equal hashes
	Chunks int    `json:"chunks"` // number of snapshot keys
}

// StageExt is what a stage remembers beyond its shape.
type StageExt struct {
	// CacheSize is the size of the cache cluster; the shape shows it only while
	// the cluster is enabled.
	CacheSize string `json:"cacheSize,omitempty"`
	// CacheReady is when a cluster that is being created becomes available. It
	// is kept whole: cut to seconds, most clusters would be ready at once.
	CacheReady time.Time `json:"cacheReady,omitzero"`
	// CacheGeneration counts the times at which the cache was emptied: entries
	// of one generation are not those of another.
	CacheGeneration uint64 `json:"cacheGeneration,omitempty"`
}

// VPCLinkExt is what a VPC link remembers beyond its shape.
type VPCLinkExt struct {
	// Ready is when a link that is being made becomes available, kept whole as
	// CacheReady is.
	Ready time.Time `json:"ready,omitzero"`
}

// DomainExt holds the certificate that was uploaded for a domain name, which no
// answer shows. Both are empty if there is none.
type DomainExt struct {
	Certificate string `json:"certificate,omitempty"` // the chain (PEM), the domain's own first
	Key         []byte `json:"key,omitempty"`         // PEM, sealed under the record's key
}

// New returns a record of the present version.
func New[S, E any](shape S, ext E) *Record[S, E] {
	return &Record[S, E]{Version: Version, Shape: shape, Ext: ext}
}

// Encode returns the bytes that the store keeps.
func (r *Record[S, E]) Encode() []byte {
	r.Version = Version
	data, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("record %T cannot be encoded: %v", r, err)) // shapes hold nothing that JSON refuses
	}
	return data
}

// Decode reads the record of a key. It refuses a record of a newer version by
// name, so that an old binary never drops what it does not know.
func Decode[S, E any](key string, data []byte) (*Record[S, E], error) {
	if err := CheckVersion(key, data); err != nil {
		return nil, err
	}
	r := &Record[S, E]{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("record %s is damaged: %w", key, err)
	}
	return r, nil
}

// present is how Encode begins a record of the present version.
var present = fmt.Appendf(nil, `{"v":%d,`, Version)

// CheckVersion refuses a record that a newer binary wrote.
func CheckVersion(key string, data []byte) error {
	if bytes.HasPrefix(data, present) {
		return nil // nearly all are; the rest of the record need not be read for it
	}
	var head struct {
		Version int `json:"v"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("record %s is damaged: %w", key, err)
	}
	if head.Version > Version {
		return fmt.Errorf("record %s has version %d, and this postern reads versions up to %d: start a newer postern on this data", key, head.Version, Version)
	}
	return nil
}

// chunkSize bounds one snapshot key well below the request limit of the store.
const chunkSize = 512 << 10

// Freeze returns the chunks that the store keeps of a snapshot, and its hash.
// The hash covers the definition only, not when or under which id it was made.
func (s *Snapshot) Freeze() (chunks [][]byte, hash string) {
	data, err := json.Marshal(Record[*Snapshot, None]{Version: Version, Shape: s})
	if err != nil {
		panic(fmt.Sprintf("snapshot cannot be encoded: %v", err)) // see Encode
	}
	sum := sha256.Sum256(data)
	for rest := pack(data); len(rest) > 0; {
		n := min(len(rest), chunkSize)
		chunks = append(chunks, rest[:n])
		rest = rest[n:]
	}
	return chunks, hex.EncodeToString(sum[:])
}

// Thaw reads a snapshot back from its chunks.
func Thaw(key string, chunks [][]byte) (*Snapshot, error) {
	data, err := unpack(bytes.Join(chunks, nil))
	if err != nil {
		return nil, fmt.Errorf("snapshot %s is damaged: %w", key, err)
	}
	record, err := Decode[*Snapshot, None](key, data)
	if err != nil {
		return nil, err
	}
	return record.Shape, nil
}

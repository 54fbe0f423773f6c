package patch

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/fault"
)

// MaxOperations bounds one list. The service has a limit too, of unknown size.
const MaxOperations = 1000

// Ops is a set of operations.
type Ops uint8

// The operations that a row can take. A list may also hold move and test,
// which no resource supports.
const (
	Add Ops = 1 << iota
	Remove
	Replace
	Copy
)

// opNames is in the order in which a refusal lists operations.
var opNames = []struct {
	op   Ops
	name string
}{{Add, "add"}, {Remove, "remove"}, {Replace, "replace"}, {Copy, "copy"}}

func (o Ops) String() string {
	var names []string
	for _, n := range opNames {
		if o&n.op != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ", ")
}

// Op is one operation of a list, as a row sees it.
type Op struct {
	Kind Ops    // one bit; 0 for move, test and an absent op
	Name string // as sent; empty if absent
	Path string // as sent, without trailing blanks; "null" if absent
	// Args are the segments that the holes of the row's path took, unescaped.
	Args  []string
	value *string
	From  *string
}

// NewOp returns an operation with a value, for a row that is applied to a value
// from elsewhere.
func NewOp(kind Ops, value string) Op { return Op{Kind: kind, Name: kind.String(), value: &value} }

// HasValue reports whether a value was sent and is not null.
func (o Op) HasValue() bool { return o.value != nil }

// Value is the value, or "" if it is absent.
func (o Op) Value() string { return apigw.Val(o.value) }

// Bool reads a boolean as the service does: "true" in any case is true and
// anything else is false. Recorded: an absent value is false.
func (o Op) Bool() *bool { return new(strings.EqualFold(o.Value(), "true")) }

// Int reads decimal text; ok is false for anything else and for what 32 bits do
// not hold.
func (o Op) Int() (n int32, ok bool) {
	wide, err := strconv.ParseInt(o.Value(), 10, 32)
	return int32(wide), err == nil
}

// Double reads decimal text, with many digits or an exponent if need be; ok is
// false for anything else, infinities and hexadecimal text included.
func (o Op) Double() (n float64, ok bool) {
	if strings.Trim(o.Value(), "0123456789.+-eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(o.Value(), 64)
	return n, err == nil
}

// Text is the value for a member that an empty value clears.
func (o Op) Text() *string { return apigw.Text(o.Value()) }

// ErrNoPath is for a row that takes more paths than there are.
var ErrNoPath = errors.New("no such path")

// Row is one patchable path.
type Row[T any] struct {
	// Path is a pattern: "{name}" takes one segment that is not empty,
	// "{name...}" at the end takes all that is left, kept as sent.
	Path string
	// Listed is the path as refusals list it; Path if it is empty.
	Listed string
	Ops    Ops
	// Apply changes the draft or refuses. With ErrNoPath the path is refused as
	// one that no row takes; the draft has to be as it was.
	Apply func(draft *T, op Op) error
}

// Refuse makes the fault for an operation that no row takes. known holds the
// operations of the rows whose path matches; rows are those of the table.
type Refuse func(op Op, known Ops, rows []RowInfo) error

// RowInfo is what a refusal may tell about a row.
type RowInfo struct {
	Path string
	Ops  Ops
}

// Table is what can be patched of a resource. Row order is the order in which
// refusals list paths.
type Table[T any] struct {
	Rows   []Row[T]
	Refuse Refuse
	// Resource is the name of the resource as in its Update operation.
	Resource string
	// Finish holds the rules over the result of a list that is not empty. May be nil.
	Finish func(draft *T) error
}

// Patterns returns the rows as their patterns and operations.
func (t *Table[T]) Patterns() []RowInfo {
	rows := make([]RowInfo, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = RowInfo{row.Path, row.Ops}
	}
	return rows
}

// Apply applies the operations to the draft in order. The first one that fails
// ends it; the draft is then to be thrown away.
func (t *Table[T]) Apply(draft *T, operations []apigw.PatchOperation) error {
	if len(operations) > MaxOperations {
		// Quoted by users for a stage, assumed for the others.
		return fault.BadRequestf("Update size too large. Try updating %s in multiple Update%s operations", strings.ToLower(t.Resource), t.Resource)
	}
	for _, operation := range operations {
		if err := t.applyOne(draft, operation); err != nil {
			return err
		}
	}
	if t.Finish == nil || len(operations) == 0 {
		return nil
	}
	return t.Finish(draft)
}

func (t *Table[T]) applyOne(draft *T, operation apigw.PatchOperation) error {
	op := newOp(operation)
	var known Ops
	for _, row := range t.Rows {
		args, ok := match(row.Path, op.Path)
		if !ok {
			continue
		}
		if row.Ops&op.Kind == 0 {
			known |= row.Ops
			continue
		}
		op.Args = args
		if err := row.Apply(draft, op); !errors.Is(err, ErrNoPath) {
			return err
		}
	}
	rows := make([]RowInfo, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = RowInfo{cmp.Or(row.Listed, row.Path), row.Ops}
	}
	return t.Refuse(op, known, rows)
}

func newOp(operation apigw.PatchOperation) Op {
	op := Op{Name: apigw.Val(operation.Op), Path: "null", value: operation.Value, From: operation.From}
	if operation.Path != nil {
		op.Path = strings.TrimRight(*operation.Path, " ")
	}
	for _, n := range opNames {
		if n.name == op.Name {
			op.Kind = n.op
		}
	}
	return op
}

// match compares a path with a pattern and returns what the holes took.
func match(pattern, path string) ([]string, bool) {
	var args []string
	for pattern != "" {
		want, patternRest, _ := cutSegment(pattern)
		have, pathRest, ok := cutSegment(path)
		if !ok {
			return nil, false
		}
		switch {
		case strings.HasSuffix(want, "...}"):
			return append(args, path[1:]), true
		case strings.HasPrefix(want, "{"):
			if have == "" {
				return nil, false
			}
			args = append(args, Unescape(have))
		case want != have:
			return nil, false
		}
		pattern, path = patternRest, pathRest
	}
	return args, path == ""
}

// cutSegment splits "/a/b" into "a" and "/b".
func cutSegment(path string) (segment, rest string, ok bool) {
	path, ok = strings.CutPrefix(path, "/")
	if !ok {
		return "", "", false
	}
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:], true
	}
	return path, "", true
}

// Unescape undoes the escapes of one path segment: ~1 is a slash, ~0 a tilde.
func Unescape(segment string) string {
	if !strings.Contains(segment, "~") {
		return segment
	}
	return strings.ReplaceAll(strings.ReplaceAll(segment, "~1", "/"), "~0", "~")
}

// ListsPaths refuses in wording family L: it lists the paths that the
// operation could have had.
//
// Recorded: update-resource, update-request-validator.
func ListsPaths(op Op, _ Ops, rows []RowInfo) error {
	var paths []string
	for _, row := range rows {
		if row.Ops&op.Kind != 0 && !slices.Contains(paths, row.Path) {
			paths = append(paths, row.Path)
		}
	}
	if len(paths) == 0 {
		return fault.BadRequestf("Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", op.Path, op.Name)
	}
	return fault.BadRequestf("Invalid patch path  '%s' specified for op '%s'. Must be one of: [%s]", op.Path, op.Name, strings.Join(paths, ", "))
}

// Plain refuses in wording family P: it names the path if it is unknown, or
// lists the operations that the path takes.
//
// Recorded: update-rest-api, update-method, update-method-response.
func Plain(op Op, known Ops, _ []RowInfo) error {
	if known == 0 {
		return fault.BadRequestf("Invalid patch path %s", op.Path)
	}
	return fault.BadRequestf("Invalid patch operation specified. Must be one of: [%s]", known)
}

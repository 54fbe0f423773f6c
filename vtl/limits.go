package vtl

import (
	"time"

	"github.com/postern-gateway/postern/value"
)

// The bounds. The size of a source and the rounds of a loop are the guide's;
// the others are ours.
const (
	maxSource    = 300 << 10             // bytes
	maxRounds    = 1000                  // of one loop; further elements are left out
	maxOutput    = 10 << 20              // bytes, also of one string
	maxSteps     = 1 << 20               // statements, items of new lists, blocks of new text
	maxMemory    = 48 << 20              // bytes of new values and of the output, with what is thrown away
	maxTime      = 70 * time.Millisecond // of one rendering
	maxNesting   = 100                   // of directives, brackets and strings in a source
	maxDefine    = 2                     // of a #define in its own text; what is deeper is empty
	textPerStep  = 64                    // bytes of a new string that cost one step
	regexSteps   = 200                   // a regular expression costs
	hostSteps    = 20                    // a method of a caller's object costs
	partsPerStep = 8                     // parts of values that one step compares

	stepsPerLook = 1 << 10 // steps between two looks at the clock

	listCopies = 4   // of the items of a list that grows
	valueSize  = 48  // bytes of a value in a list
	memberSize = 192 // bytes of a new member of a map, with its index and room to grow
	runeSize   = 16  // bytes of a character that a regular expression looks at
)

// Clock tells the time. It is looked at once a template has taken some steps,
// or calls methods of the caller's objects or regular expressions.
type Clock interface{ Now() time.Time }

// budget is what a rendering may still take.
type budget struct {
	steps    int // until the next look at the clock
	reserve  int // steps after it
	memory   int // bytes
	clock    Clock
	deadline time.Time // zero: the clock was not looked at
}

func newBudget(clock Clock) budget {
	return budget{steps: stepsPerLook, reserve: maxSteps - stepsPerLook, memory: maxMemory, clock: clock}
}

// left returns the steps that are left.
func (b *budget) left() int { return b.steps + b.reserve }

// spend takes steps for work that depends on data; false: none are left.
func (s *state) spend(steps int) bool {
	if s.steps -= steps; s.steps < 0 {
		s.look()
	}
	return s.err == nil
}

// look looks at the clock and goes on with the next steps.
func (s *state) look() {
	if total := s.left(); total < 0 {
		s.tooMuch()
	} else {
		s.steps = min(total, stepsPerLook)
		s.reserve = total - s.steps
	}
	s.inTime()
}

// inTime reports whether there is time left.
func (s *state) inTime() bool {
	if s.clock == nil {
		return s.err == nil
	}
	switch now := s.clock.Now(); {
	case s.deadline.IsZero():
		s.deadline = now.Add(maxTime)
	case now.After(s.deadline):
		s.fail(s.at, "the template takes too long")
	}
	return s.err == nil
}

func (s *state) tooMuch() { s.fail(s.at, "the template takes too many steps") }

// allocate accounts for memory; false: there is none left.
func (s *state) allocate(bytes int) bool {
	if s.memory -= bytes; s.memory < 0 {
		s.fail(s.at, "the template takes too much memory")
	}
	return s.err == nil
}

// str makes a String and accounts for it.
func (s *state) str(text string) value.Value {
	if len(text) > maxOutput {
		s.fail(s.at, "a string is too long")
		return value.Value{}
	}
	s.spend(len(text) / textPerStep)
	s.allocate(len(text))
	return value.OfString(text)
}

// same compares two values and accounts for it.
func (s *state) same(a, b value.Value) bool {
	budget := max(min(s.left(), maxSteps/partsPerStep), 0) * partsPerStep
	left := budget
	equal := value.EqualWithin(a, b, &left)
	s.spend((budget - left) / partsPerStep)
	return equal
}

// text returns the printed form of a value.
func (s *state) text(v value.Value) string {
	if v.Kind() == value.String {
		return v.Str()
	}
	text, ok := v.Text(s.room())
	if !ok {
		s.fail(s.at, "a value is too large to be printed")
	}
	s.spend(len(text) / textPerStep)
	s.allocate(copies * len(text))
	return text
}

// copies is how often a text is copied that is built piece by piece.
const copies = 5

// room returns how long a text that is built may become.
func (s *state) room() int { return max(min(maxOutput, s.memory/copies), 0) }

// print writes the printed form of a value to the output.
func (s *state) print(v value.Value) {
	if v.Kind() == value.String {
		s.write(v.Str())
		return
	}
	var err error
	before, size := len(s.out), cap(s.out)
	if s.out, err = v.AppendText(s.out, min(maxOutput-(len(s.out)-s.base), s.room())); err != nil {
		s.fail(s.at, err.Error())
	}
	if cap(s.out) != size {
		s.allocate(2 * cap(s.out))
	}
	s.spend((len(s.out) - before) / textPerStep)
}

func (s *state) write(text string) {
	need := len(s.out) + len(text)
	if need-s.base > maxOutput {
		s.fail(s.at, "the output is too long")
		return
	}
	if need > cap(s.out) {
		size := max(need, min(2*cap(s.out), s.base+maxOutput), 64)
		if !s.allocate(size) {
			return
		}
		s.out = append(make([]byte, 0, size), s.out...)
	}
	s.out = append(s.out, text...)
}

// capture runs a block and returns what it wrote.
func (s *state) capture(b block) string {
	from := len(s.out)
	if s.depth++; s.depth > maxNesting {
		s.fail(s.at, "nested too deeply")
	} else {
		b.run(s)
	}
	s.depth--
	text := string(s.out[from:])
	s.out = s.out[:from]
	s.spend(len(text) / textPerStep)
	s.allocate(len(text))
	return text
}

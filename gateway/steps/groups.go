package steps

// groups finds the fields of one name in a list. Its memory is used again.
type groups struct {
	next []int // place of the next one of the same name; 0: none
	last []int // at the first one of a name the place of the last one; -1 at the others
}

// fewFields is the number of fields up to which all are compared with all: it
// takes less than a map. Above it nobody may make us do that.
const fewFields = 32

// fill groups n fields by their names. Names that are the same have one key.
func (g *groups) fill(n int, name func(int) string, same func(a, b string) bool, key func(string) string) {
	g.next, g.last = append(g.next[:0], make([]int, n)...), append(g.last[:0], make([]int, n)...)
	var firsts map[string]int
	if n > fewFields {
		firsts = make(map[string]int, n)
	}
	for i := range n {
		first := i
		if firsts == nil {
			for j := range i {
				if g.last[j] >= 0 && same(name(j), name(i)) {
					first = j
					break
				}
			}
		} else {
			k := key(name(i))
			if j, ok := firsts[k]; ok {
				first = j
			} else {
				firsts[k] = i
			}
		}
		if g.last[i] = i; first != i {
			g.next[g.last[first]], g.last[first], g.last[i] = i, i, -1
		}
	}
}

// append writes two members of an event: a map with the last value of each name,
// and one with all of them. A name is spelled as it came first.
func (g *groups) append(dst []byte, single, multi, empty string, field func(int) (name, value string)) []byte {
	dst = append(dst, single...)
	n := 0
	for i, last := range g.last {
		if last < 0 {
			continue
		}
		name, _ := field(i)
		_, text := field(last)
		dst = appendPair(dst, n, name, text)
		n++
	}
	dst = append(endMap(dst, n, empty), multi...)
	n = 0
	for i, last := range g.last {
		if last < 0 {
			continue
		}
		name, text := field(i)
		dst = appendItem(appendList(dst, n, name), text)
		for j := g.next[i]; j != 0; j = g.next[j] {
			_, text = field(j)
			dst = appendItem(dst, text)
		}
		dst = append(dst, ']')
		n++
	}
	return endMap(dst, n, empty)
}

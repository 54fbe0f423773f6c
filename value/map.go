package value

import "slices"

// Map is an ordered map. The zero Map is empty and ready.
type Map struct {
	members []Member
	index   map[string]int // of large maps; made when first needed
	// Silent maps print as the empty string, as $context.identity does.
	Silent bool
}

// Member is a key of a map and its value.
type Member struct {
	Key   string
	Value Value
}

// indexFrom is the size from which a search through the members is slower
// than an index.
const indexFrom = 16

// NewMap returns a map of these members. Their keys must differ.
func NewMap(members ...Member) *Map { return &Map{members: members} }

// Len returns the number of members.
func (m *Map) Len() int { return len(m.members) }

// Members returns the members in order. They must not be changed.
func (m *Map) Members() []Member { return m.members }

// find returns the place of a key, or -1.
func (m *Map) find(key string) int {
	if len(m.members) < indexFrom {
		for i := range m.members {
			if m.members[i].Key == key {
				return i
			}
		}
		return -1
	}
	if m.index == nil {
		m.index = make(map[string]int, len(m.members))
		for i := range m.members {
			m.index[m.members[i].Key] = i
		}
	}
	if i, ok := m.index[key]; ok {
		return i
	}
	return -1
}

// Get returns the value of a key and whether the key is there.
func (m *Map) Get(key string) (Value, bool) {
	if i := m.find(key); i >= 0 {
		return m.members[i].Value, true
	}
	return Value{}, false
}

// Set sets a key and returns what it was. A new key comes last.
func (m *Map) Set(key string, v Value) Value {
	if i := m.find(key); i >= 0 {
		old := m.members[i].Value
		m.members[i].Value = v
		return old
	}
	m.members = append(m.members, Member{key, v})
	if m.index != nil {
		m.index[key] = len(m.members) - 1
	}
	return Value{}
}

// Delete removes a key and returns what it was.
func (m *Map) Delete(key string) Value {
	i := m.find(key)
	if i < 0 {
		return Value{}
	}
	old := m.members[i].Value
	m.members = slices.Delete(m.members, i, i+1)
	m.index = nil
	return old
}

// Clear removes all members.
func (m *Map) Clear() { m.members, m.index = nil, nil }

package mapping

import "github.com/postern-gateway/postern/value"

// SetContext sets members of $context that templates read in the place of the
// facts of a request. Objects print nothing, as those of a request do.
func (s *Source) SetContext(members *value.Map) {
	s.context = &contextObject{source: s}
	merge(s.context.Map(), members)
}

func merge(into, from *value.Map) {
	for _, member := range from.Members() {
		v := member.Value
		if v.Kind() == value.Object {
			have, _ := into.Get(member.Key)
			if have.Kind() != value.Object {
				have = silent()
			}
			merge(have.Map(), v.Map())
			v = have
		}
		into.Set(member.Key, v)
	}
}

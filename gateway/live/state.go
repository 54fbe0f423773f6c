package live

// State is what outlives plans.
type State struct {
	Keys Keys // API keys and usage plans
}

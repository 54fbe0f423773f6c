// Package ids makes everything random: identifiers of entities, request ids
// and the canary draw. A seeded source makes a run repeatable.
package ids

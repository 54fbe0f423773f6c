// Package patch is the patch engine: it applies a list of patch operations to
// a draft by a table of paths.
//
// A resource's patchable paths are the rows of its [Table]; nothing else knows
// them. The table also names the wording in which a path or an operation
// outside of it is refused. Operations apply in order to one draft, which the
// caller keeps only if all of them succeed.
package patch

// Package respcache keeps responses of stages whose cache is on: by key, for a
// time, within a budget of bytes, the least recently used go first.
//
// [Cache] is the form in this process, one per stage. [Store] is what a caller
// sees that does not care where entries are; package respcache/cachetest is what
// every form has to pass. A [Key] is made of all that tells two responses apart,
// whole: no two different requests ever share one.
//
// Nothing here reads a clock: every call is told the present time.
package respcache

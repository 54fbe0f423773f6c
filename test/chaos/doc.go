// Package chaos treats a running postern badly: it kills it in the middle of
// writes, lets many clients change the same thing, changes a stage under load,
// fills the disk, damages the data and sends bad input. What was acknowledged
// must stay, what was refused must leave no trace, and traffic must go on.
//
// The counts are moderate by default; POSTERN_FULL=1 asks for the full ones,
// -short for the smallest.
package chaos

// Package readme holds no code: its tests run the commands of the README, so
// that they cannot rot.
package readme

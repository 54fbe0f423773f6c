// Package store keeps log groups, streams and events in files.
//
// It is the default sink of log lines, and what the API of CloudWatch Logs
// reads and changes. Accounts and regions see nothing of each other.
//
// On disk a group is a folder with a file of its properties, a stream a folder
// in it, and the events of a stream are segments: files of JSON lines that are
// only appended to, each at most a few megabytes. Expired events go by whole
// segments; so does the oldest of everything when the store is larger than it
// may be. Names of folders are made from those of groups and streams, and the
// true names stand in the files.
//
// Files are not forced to disk: a power cut loses the last seconds. A line that
// was torn by the end of the process is cut off when the store opens.
package store

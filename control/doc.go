// Package control holds the operations of the control plane, one file per
// resource.
//
// A handler reads from one state of the store, changes drafts of records and
// commits them in one transaction ([Service.change]); a handler that lost
// against another writer runs again on fresh state. Refusals are faults with
// their final text. Read service.go, tx.go and stage.go first.
package control

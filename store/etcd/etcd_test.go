package etcd_test

import (
	"os"
	"testing"

	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd/etcdtest"
	"github.com/postern-gateway/postern/store/storetest"
)

func TestMain(m *testing.M) {
	if os.Getenv("POSTERN_TEST_CHILD") != "" {
		os.Exit(m.Run()) // a process that is meant to end badly
	}
	etcdtest.Main(m)
}

func TestContractEmbedded(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return etcdtest.New(t) })
}

package etcd_test

import (
	"testing"

	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd/etcdtest"
	"github.com/postern-gateway/postern/store/storetest"
)

func TestMain(m *testing.M) { etcdtest.Main(m) }

func TestContractEmbedded(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return etcdtest.New(t) })
}

package control

import (
	"testing"

	"github.com/postern-gateway/postern/store/etcd/etcdtest"
)

func TestMain(m *testing.M) { etcdtest.Main(m) }

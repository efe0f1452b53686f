package io.aiopslab.tasks.worker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterStateTest {
  private static final String TWO_NODES =
      """
      {"apiVersion":"v1","kind":"List","items":[
       {"kind":"Node","metadata":{"name":"kind-1-worker","labels":{}},
        "status":{"conditions":[{"type":"Ready","status":"%s"}],
         "nodeInfo":{"kubeletVersion":"v1.33.1","osImage":"Debian","containerRuntimeVersion":"c"}}},
       {"kind":"Node","metadata":{"name":"kind-1-control-plane",
        "labels":{"node-role.kubernetes.io/control-plane":""}},
        "status":{"conditions":[{"type":"DiskPressure","status":"False"},
                                {"type":"Ready","status":"True"}],
         "nodeInfo":{"kubeletVersion":"v1.34.0","osImage":"Debian GNU/Linux 12 (bookworm)",
          "containerRuntimeVersion":"containerd://2.1.3"}}},
       {"kind":"Namespace","metadata":{"name":"default"},"status":{"phase":"Active"}},
       {"kind":"Namespace","metadata":{"name":"openebs"},"status":{"phase":"Terminating"}}]}
      """;

  @Test
  void readsNodesAndNamespaces() throws Exception {
    ClusterState state = ClusterState.parse(TWO_NODES.formatted("True"), "");
    assertThat(state.nodes())
        .hasSize(2)
        .contains(
            new ClusterState.Node(
                "kind-1-control-plane",
                true,
                true,
                "v1.34.0",
                "Debian GNU/Linux 12 (bookworm)",
                "containerd://2.1.3"));
    assertThat(state.notReady()).isEmpty();
    assertThat(state.kubernetesVersion()).isEqualTo("v1.34.0");
    assertThat(state.namespaces()).containsExactly("default", "openebs");
    assertThat(state.runMark()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"False", "Unknown", ""})
  void aNodeIsReadyOnlyIfItSaysSo(String status) throws Exception {
    assertThat(ClusterState.parse(TWO_NODES.formatted(status), "").notReady())
        .containsExactly("kind-1-worker");
  }

  @Test
  void whatANodeDoesNotSayIsEmpty() throws Exception {
    ClusterState state =
        ClusterState.parse("{\"items\":[{\"kind\":\"Node\"},{\"kind\":\"Pod\"}]}", "");
    assertThat(state.notReady()).containsExactly("");
    assertThat(state.namespaces()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "null", "{\"items\":7}", "Error from server"})
  void anythingElseIsNoAnswer(String json) {
    assertThatThrownBy(() -> ClusterState.parse(json, ""))
        .isInstanceOf(ToolFailedException.class)
        .hasMessageContaining("list of nodes,namespaces");
  }
}

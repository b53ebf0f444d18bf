package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** Dense networks as MATLAB cells, and linear stacks as one layer. */
@ServiceTest
@Timeout(120)
class MatlabHttpTest {
  @Autowired private Http http;

  @Test
  void denseChainsShowAsMatlabHasThem() {
    SumNetwork.importAs(http, "cells");
    assertThat(http.get("/v1/models/cells/versions/1/matlab").text())
        .isEqualTo(
            """
            {"inputs":["x"],"layers":["h","o"],"transfer_functions":["poslin","purelin"],\
            "IW":[[[[1.0,2.0],[-1.0,0.0]]],[null]],"LW":[[null,null],[[[1.0,10.0]],null]],\
            "b":[[0.5,0.0],[0.0]]}\
            """);
    assertThat(http.get("/v1/models/cells/versions/1/collapsed").text())
        .isEqualTo("{\"stacks\":[]}");
  }

  @Test
  void linearStackCollapsesToTheLayerItEquals() {
    String spec =
        """
        {"name": "linear", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "h", "units": 2}, {"type": "dropout", "rate": 0.5},
          {"type": "dense", "name": "o", "units": 1, "activation": "step"}]}}\
        """;
    http.importVersion("linear", spec, SumNetwork.weights());
    // [1, 10]·[[1, 2], [−1, 0]] = [−9, 2]; [1, 10]·[0.5, 0] + 0 = 0.5
    assertThat(http.get("/v1/models/linear/versions/1/collapsed").text())
        .isEqualTo(
            """
            {"stacks":[{"layers":["h","o"],"input":"x","activation":"step",\
            "weight":[[-9.0,2.0]],"bias":[0.5]}]}\
            """);
  }

  @Test
  void activationsAndReshapesAreLookedThrough() {
    String spec =
        """
        {"name": "through", "network": {"inputs": {"x": {"shape": [1, 2]}}, "layers": [
          {"type": "flatten"}, {"type": "dense", "name": "h", "units": 2},
          {"type": "activation", "function": "%s"}, {"type": "reshape", "shape": [1, 2]},
          {"type": "flatten"}, {"type": "dense", "name": "o", "units": 1}]}}\
        """;
    http.importVersion("through", spec.formatted("sigmoid"), SumNetwork.weights());
    assertThat(http.get("/v1/models/through/versions/1/matlab").text())
        .isEqualTo(
            """
            {"inputs":["x"],"layers":["h","o"],"transfer_functions":["logsig","purelin"],\
            "IW":[[[[1.0,2.0],[-1.0,0.0]]],[null]],"LW":[[null,null],[[[1.0,10.0]],null]],\
            "b":[[0.5,0.0],[0.0]]}\
            """);
    assertThat(http.get("/v1/models/through/versions/1/collapsed").text())
        .isEqualTo("{\"stacks\":[]}");
    http.importVersion("through", spec.formatted("linear"), SumNetwork.weights());
    assertThat(http.get("/v1/models/through/versions/2/collapsed").text())
        .isEqualTo(
            """
            {"stacks":[{"layers":["h","o"],"input":"x","activation":"linear",\
            "weight":[[-9.0,2.0]],"bias":[0.5]}]}\
            """);
  }

  @Test
  void networkWithoutDenseLayersHasNoMatlabView() {
    String tanh =
        """
        {"name": "squash", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "activation", "function": "tanh"}]}}\
        """;
    http.importVersion("squash", tanh);
    http.get("/v1/models/squash/versions/1/matlab").expect(409);
  }
}

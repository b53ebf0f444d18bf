package io.trainyard.scenario;

import java.util.List;

/** Models with a fault in one place. */
final class BadModels {
  private static final String INPUTS = "\"inputs\":{\"x\":{\"columns\":[\"a\",\"b\"]}}";
  private static final String NETWORK =
      "\"network\":{\"layers\":[{\"type\":\"dense\",\"units\":1}]}";

  private BadModels() {}

  static List<BadRequest> all() {
    return List.of(
        layer("units as a string", "{\"type\":\"dense\",\"units\":\"3\"}", "/0/units"),
        layer("units of zero", "{\"type\":\"dense\",\"units\":0}", "/0/units"),
        layer("negative units", "{\"type\":\"dense\",\"units\":-1}", "/0/units"),
        layer("fractional units", "{\"type\":\"dense\",\"units\":1.5}", "/0/units"),
        layer("missing units", "{\"type\":\"dense\"}", "/0/units"),
        layer("units beyond reason", "{\"type\":\"dense\",\"units\":2000000000}", "/0"),
        layer("missing type", "{\"units\":3}", "/0/type"),
        layer("unknown type", "{\"type\":\"dens\",\"units\":3}", "/0/type"),
        layer(
            "unknown activation",
            "{\"type\":\"dense\",\"units\":3,\"activation\":\"rellu\"}",
            "/0/activation"),
        layer(
            "misspelt member",
            "{\"type\":\"dense\",\"units\":3,\"activaton\":\"relu\"}",
            "/0/activaton"),
        layer("dropout of one", "{\"type\":\"dropout\",\"rate\":1}", "/0"),
        layer("a layer that is a number", "7", "/0"),
        layer(
            "a name with a blank", "{\"type\":\"dense\",\"units\":3,\"name\":\"a b\"}", "/0/name"),
        layer(
            "two layers of one name",
            "{\"type\":\"dense\",\"units\":3,\"name\":\"a\"},"
                + "{\"type\":\"dense\",\"units\":3,\"name\":\"a\"}",
            "/1/name"),
        layer(
            "a layer that reads nothing known",
            "{\"type\":\"dense\",\"units\":3,\"inputs\":[\"nobody\"]}",
            "/0/inputs/0"),
        layer(
            "a layer that reads itself",
            "{\"type\":\"dense\",\"units\":3,\"name\":\"a\",\"inputs\":[\"a\"]}",
            "/0/inputs"),
        model("no network", "{\"name\":\"m\"," + INPUTS + "}", "/network"),
        model(
            "no layers",
            "{\"name\":\"m\"," + INPUTS + ",\"network\":{\"layers\":[]}}",
            "/network/layers"),
        model("a name in capitals", named("M"), "/name"),
        model("a name that climbs", named("../../etc/passwd"), "/name"),
        model("a name of 1 MB", "{\"name\":\"" + "m".repeat(1 << 20) + "\"}", "/name"));
  }

  private static String named(String name) {
    return "{\"name\":\"" + name + "\"," + INPUTS + "," + NETWORK + "}";
  }

  private static BadRequest model(String claim, String body, String pointer) {
    return BadRequest.json(claim, "/v1/models", body, 422, pointer);
  }

  /** A job whose network has these layers; the pointer starts at the list of layers. */
  private static BadRequest layer(String claim, String layers, String pointer) {
    String body =
        """
        {"model": {"name": "m", %s, "network": {"layers": [%s]}},
         "dataset": {"name": "x"}, "training": {"loss": "mse", "epochs": 1}}
        """
            .formatted(INPUTS, layers);
    return BadRequest.json(claim, "/v1/jobs", body, 422, "/model/network/layers" + pointer);
  }
}

package io.trainyard.attack;

import static io.trainyard.attack.LargeBodies.VALIDATE;
import static io.trainyard.attack.LargeBodies.each;
import static io.trainyard.attack.LargeBodies.layers;
import static io.trainyard.attack.LargeBodies.network;
import static io.trainyard.attack.LargeBodies.repeat;

import io.trainyard.attack.LargeBodies.Kind;
import java.util.List;

/** Valid models that are as large as a model may be in one dimension. */
final class LargestModels {
  private LargestModels() {}

  static List<Kind> all() {
    String expression = "x" + "+x".repeat(999);
    String wide = "{\"type\":\"add\",\"inputs\":[" + repeat(1000, "\"x\"") + "]}";
    String lambda = "{\"type\":\"lambda\",\"expression\":\"" + expression + "\",\"inputs\":[%s]}";
    return List.of(
        network("2000 dense", 1, _ -> layers(repeat(2000, "{\"type\":\"dense\",\"units\":9}"))),
        network(
            "2000 outputs",
            1,
            _ ->
                layers(repeat(2000, "{\"type\":\"flatten\"}"))
                    + ",\"outputs\":["
                    + each(2000, i -> "\"flatten_" + (i + 1) + "\"")
                    + "]"),
        network("20000 reads", 1, _ -> layers(repeat(20, wide))),
        network(
            "indexed expressions",
            1,
            _ ->
                layers(
                    repeat(
                        100,
                        "{\"type\":\"lambda\",\"expression\":\"x" + "[...]".repeat(399) + "\"}"))),
        network(
            "negated expressions",
            1,
            _ ->
                layers(
                    repeat(
                        1000,
                        "{\"type\":\"lambda\",\"expression\":\""
                            + "-(".repeat(49)
                            + "x"
                            + ")".repeat(49)
                            + "\"}"))),
        network("100 expressions", 1, _ -> layers(repeat(100, lambda.formatted("\"x\"")))),
        network(
            "expressions of 1000 inputs",
            1,
            _ -> layers(repeat(20, lambda.formatted(repeat(1000, "\"x\""))))),
        network(
            "2000 shares",
            1,
            _ ->
                layers(
                    "{\"type\":\"dense\",\"units\":4,\"name\":\"d\"},"
                        + repeat(1999, "{\"type\":\"dense\",\"units\":4,\"share\":\"d\"}"))),
        new Kind(
            "1000 inputs and targets",
            VALIDATE,
            1,
            _ ->
                "{\"model\":{\"name\":\"m\",\"inputs\":{"
                    + each(1000, i -> "\"i%d\":{\"column\":\"petal_width\"}".formatted(i))
                    + "},\"targets\":{"
                    + each(
                        1000,
                        i ->
                            "\"t%d\":{\"column\":\"petal_length\",\"output\":\"o%d\"}"
                                .formatted(i, i))
                    + "},\"network\":{"
                    + layers(
                        each(
                            1000,
                            i ->
                                "{\"type\":\"dense\",\"units\":1,\"name\":\"o%d\",\"inputs\":[\"i%d\"]}"
                                    .formatted(i, i)))
                    + ",\"outputs\":["
                    + each(1000, i -> "\"o" + i + "\"")
                    + "]}},\"dataset\":{\"name\":\"large-iris\"},\"training\":{\"epochs\":1,\"optimizer\":\"sgd\","
                    + "\"losses\":{"
                    + each(1000, i -> "\"o" + i + "\":\"mse\"")
                    + "},\"metrics\":[\"mae\",\"rmse\",\"r2\"]}}"));
  }
}

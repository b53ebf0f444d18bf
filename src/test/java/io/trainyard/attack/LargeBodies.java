package io.trainyard.attack;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Bodies that are large in one dimension and otherwise plain: many layers, many inputs of one
 * layer, long names, deep nesting. What checks them in more than linear time takes minutes.
 */
final class LargeBodies {
  /**
   * One kind of body.
   *
   * @param path where it is sent
   * @param unitBytes about how many bytes one step of its size adds
   * @param body by size
   */
  record Kind(String name, String path, int unitBytes, IntFunction<String> body) {
    /** A body of about, and at most, a number of bytes. */
    String ofBytes(int bytes) {
      int size = Math.max(1, bytes / unitBytes);
      String text = body.apply(size);
      while (text.length() > bytes && size > 1) {
        size = (int) (0.99 * size * bytes / text.length());
        text = body.apply(size);
      }
      return text;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static final String VALIDATE = "/v1/models:validate";
  private static final String NETWORK =
      "{\"model\":{\"name\":\"large\",\"network\":{\"inputs\":{\"x\":{\"shape\":[4]}},";
  private static final String CONVERT = "/v1/models:convert";

  private LargeBodies() {}

  /** All kinds. */
  static List<Kind> kinds() {
    return List.of(
        network("layers", 16, n -> layers(repeat(n, "{\"type\":\"flatten\"}"))),
        network("dense layers", 28, n -> layers(repeat(n, "{\"type\":\"dense\",\"units\":1}"))),
        network(
            "chain in reverse",
            45,
            n ->
                layers(
                    each(
                        n,
                        i ->
                            "{\"type\":\"flatten\",\"name\":\"l%d\",\"inputs\":[\"%s\"]}"
                                .formatted(i, i == n - 1 ? "x" : "l" + (i + 1))))),
        network(
            "cycle",
            45,
            n ->
                layers(
                    each(
                        n,
                        i ->
                            "{\"type\":\"flatten\",\"name\":\"l%d\",\"inputs\":[\"l%d\"]}"
                                .formatted(i, (i + 1) % n)))),
        network(
            "inputs of one layer",
            4,
            n -> layers("{\"type\":\"add\",\"inputs\":[" + repeat(n, "\"x\"") + "]}")),
        network(
            "inputs of one expression",
            4,
            n ->
                layers(
                    "{\"type\":\"lambda\",\"expression\":\"x\",\"inputs\":["
                        + repeat(n, "\"x\"")
                        + "]}")),
        network(
            "unknown inputs of one layer",
            9,
            n -> layers("{\"type\":\"add\",\"inputs\":[" + each(n, i -> "\"u" + i + "\"") + "]}")),
        network(
            "many inputs of many layers",
            4_030,
            n ->
                layers(repeat(n, "{\"type\":\"add\",\"inputs\":[" + repeat(1000, "\"x\"") + "]}"))),
        network(
            "layers of one name",
            30,
            n -> layers(repeat(n, "{\"type\":\"flatten\",\"name\":\"same\"}"))),
        network("unknown types", 20, n -> layers(each(n, i -> "{\"type\":\"t" + i + "\"}"))),
        network(
            "shares of one layer",
            60,
            n ->
                layers(
                    "{\"type\":\"dense\",\"units\":1,\"name\":\"d\"},"
                        + repeat(n, "{\"type\":\"dense\",\"units\":1,\"share\":\"d\"}"))),
        network(
            "references", 30, n -> layers(repeat(n, "{\"type\":\"model\",\"ref\":\"none@1\"}"))),
        network(
            "outputs",
            9,
            n -> layers("{\"type\":\"flatten\"}") + ",\"outputs\":[" + names(n) + "]"),
        network(
            "equal outputs",
            9,
            n ->
                layers("{\"type\":\"flatten\"}")
                    + ",\"outputs\":["
                    + repeat(n, "\"flatten_1\"")
                    + "]"),
        network(
            "members of a layer",
            10,
            n -> layers("{\"type\":\"flatten\"," + each(n, i -> "\"m" + i + "\":1") + "}")),
        network(
            "long name",
            1,
            n -> layers("{\"type\":\"flatten\",\"name\":\"" + "n".repeat(n) + "\"}")),
        network(
            "long expression",
            2,
            n -> layers("{\"type\":\"lambda\",\"expression\":\"x" + "+x".repeat(n) + "\"}")),
        network(
            "deep expression",
            2,
            n ->
                layers(
                    "{\"type\":\"lambda\",\"expression\":\""
                        + "(".repeat(n)
                        + "x"
                        + ")".repeat(n)
                        + "\"}")),
        network(
            "expressions",
            2_030,
            n ->
                layers(
                    repeat(
                        n, "{\"type\":\"lambda\",\"expression\":\"x" + "+x".repeat(999) + "\"}"))),
        network(
            "signs of an expression",
            1,
            n -> layers("{\"type\":\"lambda\",\"expression\":\"" + "-".repeat(n) + "x\"}")),
        network(
            "parameters of an expression",
            14,
            n ->
                layers(
                    "{\"type\":\"lambda\",\"expression\":\"x\",\"parameters\":{"
                        + each(n, i -> "\"p" + i + "\":1")
                        + "}}")),
        network(
            "axes of a shape",
            2,
            n -> layers("{\"type\":\"reshape\",\"shape\":[" + repeat(n, "1") + "]}")),
        network(
            "axes of a permutation",
            2,
            n -> layers("{\"type\":\"permute\",\"axes\":[" + repeat(n, "1") + "]}")),
        columns(
            "columns of an input",
            9,
            n -> "\"inputs\":{\"x\":{\"columns\":[" + names(n) + "]}}," + dense("")),
        columns(
            "equal columns",
            6,
            n -> "\"inputs\":{\"x\":{\"columns\":[" + repeat(n, "\"col\"") + "]}}," + dense("")),
        columns(
            "inputs",
            32,
            n ->
                "\"inputs\":{"
                    + each(n, i -> "\"i%d\":{\"column\":\"c%d\"}".formatted(i, i))
                    + "},"
                    + dense("")),
        columns(
            "targets",
            32,
            n ->
                "\"inputs\":{\"x\":{\"columns\":[\"a\"]}},\"targets\":{"
                    + each(n, i -> "\"t%d\":{\"column\":\"c%d\"}".formatted(i, i))
                    + "},"
                    + dense("")),
        columns(
            "classes of a target",
            9,
            n ->
                "\"inputs\":{\"x\":{\"columns\":[\"a\"]}},\"targets\":{\"t\":{\"column\":\"b\","
                    + "\"classes\":["
                    + names(n)
                    + "]}},"
                    + dense("")),
        training("metrics", 8, n -> "\"loss\":\"mse\",\"metrics\":[" + names(n) + "]"),
        training(
            "equal metrics", 6, n -> "\"loss\":\"mse\",\"metrics\":[" + repeat(n, "\"mae\"") + "]"),
        training("losses", 15, n -> "\"losses\":{" + each(n, i -> "\"o" + i + "\":\"mse\"") + "}"),
        training(
            "loss weights",
            11,
            n -> "\"loss\":\"mse\",\"loss_weights\":{" + each(n, i -> "\"o" + i + "\":1") + "}"),
        new Kind("deep JSON", VALIDATE, 1, "["::repeat),
        new Kind("empty objects", VALIDATE, 3, n -> "[" + repeat(n, "{}") + "]"),
        new Kind("members", VALIDATE, 10, n -> "{" + each(n, i -> "\"m" + i + "\":1") + "}"),
        new Kind("long number", VALIDATE, 1, n -> "[" + "9".repeat(n) + "]"),
        new Kind(
            "Keras layers",
            CONVERT,
            90,
            n ->
                keras(
                    "Sequential",
                    each(
                        n,
                        i ->
                            "{\"class_name\":\"Dense\",\"config\":{\"name\":\"d"
                                + i
                                + "\",\"units\":1,\"activation\":\"relu\"}}"))),
        new Kind(
            "Keras calls of one layer",
            CONVERT,
            45,
            n ->
                keras(
                    "Functional",
                    "{\"class_name\":\"Add\",\"config\":{\"name\":\"a\"},\"inbound_nodes\":[{\"args\":["
                        + repeat(n, "{\"config\":{\"keras_history\":[\"x\",0,0]}}")
                        + "]}]}")),
        new Kind(
            "Keras outputs",
            CONVERT,
            10,
            n ->
                "{\"keras\":{\"class_name\":\"Functional\",\"config\":{\"layers\":[],\"output_layers\":["
                    + each(n, i -> "[\"o" + i + "\",0,0]")
                    + "]}}}"));
  }

  /** The models of the networks above, to be stored. */
  static List<Kind> models() {
    return kinds().stream()
        .filter(kind -> kind.body().apply(1).startsWith(NETWORK))
        .map(
            kind ->
                new Kind(
                    kind.name(),
                    "/v1/models",
                    kind.unitBytes(),
                    n -> {
                      String text = kind.body().apply(n);
                      return text.substring("{\"model\":".length(), text.length() - 1);
                    }))
        .toList();
  }

  static Kind network(String name, int unitBytes, IntFunction<String> members) {
    return new Kind(name, VALIDATE, unitBytes, n -> NETWORK + members.apply(n) + "}}}");
  }

  private static Kind columns(String name, int unitBytes, IntFunction<String> members) {
    return new Kind(
        name,
        VALIDATE,
        unitBytes,
        n ->
            "{\"model\":{\"name\":\"m\","
                + members.apply(n)
                + "},\"dataset\":{\"name\":\"large-iris\"}}");
  }

  private static Kind training(String name, int unitBytes, IntFunction<String> members) {
    return new Kind(
        name,
        "/v1/jobs",
        unitBytes,
        n ->
            "{\"model\":{\"name\":\"m\",\"inputs\":{\"x\":{\"columns\":[\"petal_width\"]}},"
                + "\"targets\":{\"t\":{\"column\":\"petal_length\"}},"
                + dense("")
                + "},\"dataset\":{\"name\":\"large-iris\"},\"training\":{\"epochs\":1,"
                + "\"optimizer\":\"sgd\","
                + members.apply(n)
                + "}}");
  }

  private static String dense(String more) {
    return "\"network\":{" + layers("{\"type\":\"dense\",\"units\":1" + more + "}") + "}";
  }

  static String layers(String list) {
    return "\"layers\":[" + list + "]";
  }

  private static String keras(String kind, String layers) {
    return "{\"keras\":{\"class_name\":\"%s\",\"config\":{\"name\":\"k\",\"layers\":[{\"class_name\":\"InputLayer\",\"config\":{\"name\":\"x\",\"batch_shape\":[null,4]}},%s]}}}"
        .formatted(kind, layers);
  }

  private static String names(int n) {
    return each(n, i -> "\"u" + i + "\"");
  }

  static String repeat(int n, String part) {
    return (part + ",").repeat(n - 1) + part;
  }

  static String each(int n, IntFunction<String> part) {
    return IntStream.range(0, n).mapToObj(part).collect(Collectors.joining(","));
  }
}

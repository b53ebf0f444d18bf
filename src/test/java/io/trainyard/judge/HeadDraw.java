package io.trainyard.judge;

import io.trainyard.crash.Draw;
import io.trainyard.json.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Draws targets, the ends of networks that suit them, losses and metrics. */
record HeadDraw(Draw draw) {
  private static final List<String> ERRORS = List.of("mse", "rmse", "mae", "mape", "r2");
  private static final List<String> RATIOS = List.of("precision", "recall", "f1");
  private static final List<String> AVERAGES = List.of("macro", "micro", "weighted");

  private static final List<String> NUMBER_LOSSES =
      List.of(
          "'mse'",
          "'mae'",
          "'rmse'",
          "'sse'",
          "'huber'",
          "{'type':'huber','delta':0.5}",
          "'log_cosh'",
          "'mape'",
          "'msle'",
          "{'type':'quantile','q':0.9}",
          "{'type':'smooth_l1','beta':0.5}",
          "'gaussian_nll'",
          "'poisson'",
          "'cosine'",
          "{'type':'expression','expression':'mean((y_pred - y_true)^2)'}",
          "{'type':'expression','expression':'abs(y_pred - y_true)'}",
          "{'type':'expression','expression':'sqrt(1 + square(y_pred - y_true))'}",
          "{'type':'expression','expression':'norm(y_pred - y_true) + 1'}");

  /** A loss of a class, and the end of a network: units (0: one each), activation, more layers. */
  private record Ending(String loss, int units, String activation, String more) {}

  private static Ending ending(String loss, int units, String activation) {
    return new Ending(loss, units, activation, "");
  }

  private static final String SQUARES = "mean((y_pred - y_true)^2)";
  private static final String SHARES = "{'type':'lambda','expression':'x / sum(x)'}";

  private static String expression(String more) {
    return "{'type':'expression','expression':'%s'%s}".formatted(SQUARES, more);
  }

  private static final List<Ending> OF_CLASSES =
      List.of(
          ending("'categorical_crossentropy'", 0, "softmax"),
          ending("'sparse_categorical_crossentropy'", 0, "softmax"),
          ending("{'type':'categorical_crossentropy','from_logits':true}", 0, "linear"),
          ending("'kl_divergence'", 0, "softmax"),
          ending("'nll'", 0, "log_softmax"),
          ending("'focal'", 0, "softmax"),
          ending("{'type':'focal','gamma':1,'alpha':0.5,'from_logits':true}", 0, "linear"),
          ending(expression(""), 0, "softmax"),
          ending(expression(",'from_logits':false"), 0, "softmax"),
          ending(expression(",'from_logits':true"), 0, "linear"),
          ending(expression(""), 0, "log_softmax"),
          new Ending(expression(""), 0, "softplus", SHARES),
          new Ending(expression(",'from_logits':false"), 0, "softplus", SHARES),
          new Ending(expression(""), 0, "softmax", "{'type':'average'}"));

  private static final List<Ending> OF_TWO =
      List.of(
          ending("'binary_crossentropy'", 1, "sigmoid"),
          ending("{'type':'binary_crossentropy','from_logits':true}", 1, "linear"),
          ending("'focal'", 1, "sigmoid"),
          ending("{'type':'focal','from_logits':true}", 1, "linear"),
          ending("'hinge'", 1, "linear"),
          ending("'hinge'", 1, "tanh"),
          ending("'squared_hinge'", 1, "linear"),
          ending("'mse'", 1, "sigmoid"),
          ending("'mse'", 1, "linear"),
          ending("'mae'", 1, "sigmoid"),
          ending("'huber'", 1, "sigmoid"),
          ending(expression(""), 1, "sigmoid"),
          ending(expression(""), 1, "linear"),
          ending(expression(",'from_logits':true"), 1, "linear"),
          ending(expression(",'from_logits':false"), 1, "linear"),
          new Ending(expression(""), 1, "linear", "{'type':'lambda','expression':'sigmoid(x)'}"));

  Head draw(String name) {
    return switch (draw.below(12)) {
      case 0, 1, 2 -> classes(name, List.of("two", "flag", "bit"), 2);
      case 3, 4 ->
          draw.coin() ? classes(name, List.of("three"), 3) : classes(name, List.of("code"), 4);
      case 5 -> bit(name);
      case 6 -> labels(name);
      case 7 -> draw.coin() ? survival(name) : input(name);
      default -> numbers(name);
    };
  }

  static JsonNode json(String text) {
    return StrictJson.parse("{\"v\":" + text.replace('\'', '"') + "}").get("v");
  }

  static ObjectNode object(String text) {
    return (ObjectNode) json(text);
  }

  private Head numbers(String name) {
    ObjectNode spec = object("{}");
    int width = 1;
    if (draw.below(5) == 0) {
      width = 2;
      spec.putArray("columns").add("y").add("z");
    } else {
      spec.put("column", draw.pick(List.of("y", "y", "z", "p", "q")));
    }
    String scale = draw.pick(List.of("none", "standard", "minmax", "unit", "divide"));
    if (scale.equals("divide")) {
      spec.set("scale", object("{'divide': 8}"));
    } else if (!scale.equals("none")) {
      spec.put("scale", scale);
    }
    String loss = draw.pick(NUMBER_LOSSES);
    boolean positive = loss.contains("poisson") || loss.contains("msle");
    String activation =
        positive
            ? draw.pick(List.of("softplus", "sigmoid"))
            : draw.pick(List.of("linear", "linear", "tanh", "sigmoid", "relu", "softplus"));
    if (loss.contains("gaussian_nll")) {
      activation = "linear";
    }
    int units = loss.contains("gaussian_nll") ? 2 * width : width;
    return new Head(
        name,
        Head.Kind.NUMBERS,
        spec,
        List.of(dense("o_" + name, units, activation)),
        activation,
        json(loss),
        metrics(ERRORS, true),
        scale);
  }

  private Head input(String name) {
    return new Head(
        name,
        Head.Kind.INPUT,
        object("{'input':'x'}"),
        List.of(dense("o_" + name, Head.INPUT.size(), "linear")),
        "linear",
        json(draw.pick(List.of("'mse'", "'sse'", "'mae'", "'cosine'"))),
        metrics(List.of("mse", "rmse", "mae", "r2"), true),
        "input");
  }

  private static ObjectNode dense(String name, int units, String activation) {
    return object(
        "{'type':'dense','name':'%s','units':%d,'activation':'%s'}"
            .formatted(name, units, activation));
  }

  private Head classes(String name, List<String> columns, int count) {
    ObjectNode spec = object("{}");
    String column = draw.pick(columns);
    spec.put("column", column).put("type", "class");
    if (count == 2 && draw.below(3) == 0) {
      spec.set(
          "positive",
          json(
              switch (column) {
                case "two" -> "'no'";
                case "flag" -> "false";
                default -> "0";
              }));
    }
    Ending ending = draw.pick(count == 2 && draw.below(3) > 0 ? OF_TWO : OF_CLASSES);
    boolean probabilities = !ending.loss().contains("hinge");
    if (count == 2 && probabilities && draw.below(4) == 0) {
      spec.put("threshold", draw.pick(List.of(0.35, 0.45, 0.6)));
    }
    List<String> fitting = new ArrayList<>(List.of("accuracy", "balanced_accuracy", "mcc"));
    fitting.addAll(List.of("auc", "pr_auc"));
    fitting.addAll(RATIOS);
    if (probabilities) {
      fitting.add("log_loss");
    }
    if (count > 2) {
      fitting.add("top_k_accuracy");
    }
    if (ending.units() == 1 && List.of("mse", "mae", "huber").contains(unquoted(ending.loss()))) {
      fitting.addAll(List.of("mse", "mae"));
    }
    return new Head(
        name,
        Head.Kind.CLASSES,
        spec,
        layers(name, ending, count),
        ending.more().contains("sigmoid") ? "sigmoid" : ending.activation(),
        json(ending.loss()),
        metrics(fitting, probabilities),
        spec.has("threshold") ? "threshold" : spec.has("positive") ? "positive" : "none");
  }

  private static String unquoted(String text) {
    return text.replace("'", "");
  }

  private static List<ObjectNode> layers(String name, Ending ending, int count) {
    int units = ending.units() == 0 ? count : ending.units();
    String output = "o_" + name;
    if (ending.more().isEmpty()) {
      return List.of(dense(output, units, ending.activation()));
    }
    ObjectNode more = object(ending.more());
    more.put("name", output).putArray("inputs").add("i_" + name);
    List<ObjectNode> layers = new ArrayList<>();
    layers.add(dense("i_" + name, units, ending.activation()));
    if (ending.more().contains("average")) {
      layers.add(dense("j_" + name, units, ending.activation()));
      more.withArrayProperty("inputs").add("j_" + name);
    }
    layers.add(more);
    return layers;
  }

  private Head bit(String name) {
    boolean logits = draw.coin();
    return new Head(
        name,
        Head.Kind.BIT,
        object("{'column':'bit'}"),
        List.of(dense("o_" + name, 1, logits ? "linear" : "sigmoid")),
        logits ? "linear" : "sigmoid",
        json(binary(logits)),
        metrics(
            List.of("accuracy", "balanced_accuracy", "f1", "precision", "auc", "log_loss", "mse"),
            true),
        "none");
  }

  private String binary(boolean logits) {
    return "{'type':'%s','from_logits':%s}"
        .formatted(draw.below(3) == 0 ? "focal" : "binary_crossentropy", logits);
  }

  private Head labels(String name) {
    boolean logits = draw.below(3) == 0;
    String columns = draw.coin() ? "['b1','b2']" : draw.coin() ? "['t1','t2']" : "['t1','b1','b2']";
    return new Head(
        name,
        Head.Kind.LABELS,
        object("{'columns':%s}".formatted(columns)),
        List.of(dense("o_" + name, columns.split(",").length, logits ? "linear" : "sigmoid")),
        logits ? "linear" : "sigmoid",
        json(binary(logits)),
        metrics(
            List.of("accuracy", "precision", "recall", "f1", "auc", "pr_auc", "log_loss", "mae"),
            true),
        "none");
  }

  private Head survival(String name) {
    return new Head(
        name,
        Head.Kind.SURVIVAL,
        object("{'type':'survival','columns':['time','event']}"),
        List.of(dense("o_" + name, 1, "linear")),
        "linear",
        json("'cox'"),
        Map.of("concordance", json("'concordance'")),
        "none");
  }

  /** Several of those that fit, and expressions. */
  private Map<String, JsonNode> metrics(List<String> fitting, boolean formulas) {
    Map<String, JsonNode> metrics = new LinkedHashMap<>();
    for (String each : fitting) {
      if (draw.below(3) > 0) {
        if (each.equals("top_k_accuracy")) {
          metrics.put(each, object("{'type':'top_k_accuracy','k':2}"));
        } else {
          metrics.put(each, json("'" + each + "'"));
        }
      }
      if (RATIOS.contains(each) && draw.below(3) == 0) {
        String average = draw.pick(AVERAGES);
        String name = each + "_" + average;
        metrics.put(
            name,
            object("{'type':'%s','average':'%s','name':'%s'}".formatted(each, average, name)));
      }
    }
    List<String> all = Formulas.all();
    for (int i = 0; formulas && i < all.size(); i++) {
      if (draw.below(4) == 0) {
        ObjectNode formula = object("{'type':'expression','mode':'min'}");
        metrics.put("own" + i, formula.put("name", "own" + i).put("expression", all.get(i)));
      }
    }
    return metrics;
  }
}

package io.trainyard.attack.generated;

import io.trainyard.attack.generated.Table.Column;
import io.trainyard.attack.generated.Table.Kind;
import io.trainyard.crash.Draw;
import io.trainyard.crash.LayerTemplates;
import io.trainyard.json.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a model of random columns, random layers and a head that mostly fits the target. */
final class RandomModel {
  private final Table table;
  private final Draw draw;
  private final List<String> layers = new ArrayList<>();
  private final Map<String, String> losses = new LinkedHashMap<>();
  private int named;

  RandomModel(Table table, Draw draw) {
    this.table = table;
    this.draw = draw;
  }

  /** A job with the model, its dataset and its losses. */
  ObjectNode body(String name) {
    ObjectNode model = GeneratedJobs.object("{}");
    model.put("name", name);
    ObjectNode inputs = model.putObject("inputs");
    List<String> ends = new ArrayList<>();
    int count = 1 + draw.below(5) / 4;
    boolean windows = table.find("at") != null && draw.below(3) == 0;
    for (int i = 0; i < count; i++) {
      String input = "x" + i;
      ends.add(branch(input, input(inputs.putObject(input), windows)));
    }
    String last = ends.getFirst();
    if (ends.size() > 1) {
      layers.add(
          "{'type':'concat','name':'joined','axis':-1,'inputs':['%s','%s']}"
              .formatted(ends.get(0), ends.get(1)));
      last = "joined";
    }
    targets(model, last, windows);
    ObjectNode network = model.putObject("network");
    network.set("layers", StrictJson.parse(list(layers)));
    if (losses.size() > 1) {
      losses.keySet().forEach(output -> network.withArrayProperty("outputs").add(output));
    }
    ObjectNode body = GeneratedJobs.object("{}");
    body.set("model", model);
    body.putObject("dataset").put("name", table.name());
    ObjectNode training = body.putObject("training");
    if (losses.size() == 1) {
      String loss = losses.values().iterator().next();
      training.set("loss", StrictJson.parse(loss.replace('\'', '"')));
    } else {
      losses.forEach(
          (output, loss) ->
              training
                  .withObjectProperty("losses")
                  .set(output, StrictJson.parse(loss.replace('\'', '"'))));
    }
    return body;
  }

  private static String list(List<String> items) {
    return "[" + String.join(",", items).replace('\'', '"') + "]";
  }

  /** Fills an input; returns how its rows are. */
  private Input input(ObjectNode input, boolean window) {
    List<String> tensors = table.names(Kind.TENSOR, Kind.INDICES);
    if (!tensors.isEmpty() && draw.below(4) > 0) {
      Column column = table.find(draw.pick(tensors));
      return tensor(input, column == null ? table.columns().getFirst() : column);
    }
    if (draw.below(12) == 0) {
      input.put("columns", "*");
      return new Input(1, false);
    }
    boolean mixed = draw.below(4) == 0;
    List<String> names =
        new ArrayList<>(
            mixed
                ? table.columns().stream().map(Column::name).toList()
                : draw.below(4) == 0
                    ? table.names(Kind.LABEL, Kind.FLAG)
                    : GeneratedJobs.numbers(table));
    if (!mixed) {
      names.removeAll(List.of("y", "label", "flag", "code", "bit", "lasted", "part"));
    }
    if (names.isEmpty()) {
      names.add("y");
    }
    int count = 1 + draw.below(4);
    for (int i = 0; i < count && !names.isEmpty(); i++) {
      String name = names.remove(draw.below(names.size()));
      Column column = table.find(name);
      if (column != null && column.kind() == Kind.TIME && draw.below(4) > 0) {
        ObjectNode time = input.withArrayProperty("columns").addObject().put("column", name);
        for (String feature : List.of("linear", "hour", "weekday", "month")) {
          if (draw.coin()) {
            time.withArrayProperty("features").add(feature);
          }
        }
      } else {
        input.withArrayProperty("columns").add(name);
      }
    }
    boolean index = draw.below(6) == 0;
    if (index) {
      input.put("encode", "index");
    } else if (draw.below(8) == 0) {
      input
          .putObject("encode")
          .put(
              name(input.get("columns").get(0)),
              draw.pick(List.of("one_hot", "one_hot", "index", "auto")));
    } else if (draw.below(4) == 0) {
      input.put("encode", "auto");
    }
    if (draw.below(3) == 0) {
      byColumn(input, "scale", List.of("standard", "minmax", "unit", "robust", "quantile"));
    }
    if (draw.below(3) == 0) {
      byColumn(input, "impute", List.of("mean", "median"));
      if (draw.coin()) {
        input.put("missing_indicator", true);
      }
    }
    if (draw.below(8) == 0) {
      input.put("unknown", draw.pick(List.of("zeros", "index")));
      if (draw.below(3) == 0) {
        input.put("min_count", 1 + draw.below(3));
      }
    }
    if (window) {
      ObjectNode rows = input.putObject("window").put("length", 1 + draw.below(5));
      if (draw.coin()) {
        rows.put("order_by", "at");
      }
      if (draw.below(3) == 0) {
        rows.put("group", "s0");
      }
      return new Input(2, index);
    }
    return new Input(1, index);
  }

  /** One word for all columns, or one for each. */
  private void byColumn(ObjectNode input, String member, List<String> words) {
    if (draw.coin()) {
      input.put(member, draw.pick(words));
      return;
    }
    for (JsonNode column : input.get("columns")) {
      if (draw.below(4) > 0) {
        input.withObjectProperty(member).put(name(column), draw.pick(words));
      }
    }
  }

  /** The name in an entry of {@code columns}. */
  private static String name(JsonNode entry) {
    return entry.isObject() ? entry.get("column").stringValue() : entry.stringValue();
  }

  private Input tensor(ObjectNode input, Column column) {
    input.put("column", column.name());
    if (draw.below(5) == 0) {
      column.shape().reversed().forEach(axis -> input.withArrayProperty("shape").add(axis));
    }
    boolean index = column.kind() == Kind.INDICES && draw.coin();
    if (index) {
      input.put("encode", "index");
    }
    return new Input(column.shape().size(), index);
  }

  private record Input(int rank, boolean index) {}

  /** Adds layers behind an input; returns the last one's name. */
  private String branch(String input, Input rows) {
    String last = input;
    if (rows.index() && draw.below(5) > 0) {
      String vocabulary = draw.below(4) == 0 ? "'auto'" : String.valueOf(4 + draw.below(3));
      last = add("'type':'embedding','vocabulary':%s,'dim':3".formatted(vocabulary), last);
    }
    int count = draw.below(3);
    for (int i = 0; i < count; i++) {
      LayerTemplates.Template template = draw.pick(LayerTemplates.all());
      boolean one = !template.rows().getFirst().contains(";");
      if (one || draw.below(4) == 0) {
        draw.follow();
        String members = draw.members(template.members()).replace("@0", last).replace("@1", last);
        last =
            add(
                "'type':'%s'%s".formatted(template.type(), members.isEmpty() ? "" : "," + members),
                last);
      }
    }
    if (draw.below(4) > 0) {
      last = add("'type':'dense','units':4,'activation':'tanh'", last);
    }
    if (draw.below(6) == 0) {
      last = nested(last);
    }
    return rows.rank() > 1 || draw.below(6) > 0 ? add("'type':'flatten'", last) : last;
  }

  private String nested(String reads) {
    boolean one = draw.below(3) > 0;
    String outer =
        add(
            "'type':'model','ref':'%s@1','trainable':%s%s"
                .formatted(Tables.NESTED, draw.coin(), one ? ",'outputs':['b']" : ""),
            reads);
    return one || draw.below(3) == 0 ? outer : outer + "/a";
  }

  private String add(String members, String reads) {
    String name = "l" + named++;
    layers.add("{'name':'%s','inputs':['%s'],%s}".formatted(name, reads, members));
    return name;
  }

  private void targets(ObjectNode model, String last, boolean windows) {
    ObjectNode targets = model.putObject("targets");
    int count = 1 + draw.below(6) / 5;
    for (int i = 0; i < count; i++) {
      String name = "t" + i;
      ObjectNode target = targets.putObject(name);
      String output = "h" + i;
      target(target, output, last);
      if (count > 1) {
        target.put("output", output);
      }
      if (windows && draw.coin()) {
        target.put("offset", draw.below(3));
      }
    }
  }

  private void target(ObjectNode target, String output, String last) {
    int units = 1;
    String activation = "linear";
    String loss = draw.coin() ? "'mse'" : "'mae'";
    String more = "";
    switch (draw.below(8)) {
      case 0 -> {
        target.put("column", "flag");
        activation = "sigmoid";
        loss = "'binary_crossentropy'";
        decide(target);
      }
      case 6 -> {
        target.put("type", "survival").putArray("columns").add("lasted").add("bit");
        loss = "'cox'";
      }
      case 7 -> {
        target.put("column", "label");
        units = 3;
        activation = "softplus";
        more = "'type':'lambda','expression':'x / sum(x)'";
        loss = "{'type':'expression','expression':'mean((y_pred - y_true)^2)'}";
      }
      case 1, 2 -> {
        target.put("column", "label");
        units = 3;
        activation = "softmax";
        loss = "'categorical_crossentropy'";
      }
      case 3 -> {
        target.put("column", "code").put("type", "class");
        units = 5;
        loss = "{'type':'categorical_crossentropy','from_logits':true}";
      }
      case 4 -> {
        Column tensor = table.find("w");
        if (tensor == null) {
          target.withArrayProperty("columns").add("y").add("code");
        } else {
          target.put("column", "w");
        }
        units = 2;
      }
      default -> target.put("column", "y");
    }
    if (draw.below(8) == 0) {
      target.put("scale", draw.pick(List.of("standard", "minmax")));
    }
    if (draw.below(8) == 0) {
      target.put("clip", "seen");
    }
    if (draw.below(10) == 0) {
      units = 1 + draw.below(4);
    }
    String end = more.isEmpty() ? output : output + "_raw";
    layers.add(
        "{'name':'%s','inputs':['%s'],'type':'dense','units':%d,'activation':'%s'}"
            .formatted(end, last, units, activation));
    if (!more.isEmpty()) {
      layers.add("{'name':'%s','inputs':['%s'],%s}".formatted(output, end, more));
    }
    losses.put(output, wrong(loss));
  }

  /** Which class is positive, and from which probability on. */
  private void decide(ObjectNode target) {
    if (draw.below(4) == 0) {
      target.put("type", "class").put("positive", draw.coin());
    }
    if (draw.below(3) == 0) {
      if (draw.coin()) {
        target.put("type", "class").put("threshold", 0.4);
      } else {
        target.put("type", "class").putObject("threshold").put("best", "f1");
      }
    }
  }

  private String wrong(String loss) {
    @Nullable String other =
        draw.below(12) == 0
            ? draw.pick(
                List.of("'mse'", "'mae'", "'binary_crossentropy'", "'categorical_crossentropy'"))
            : null;
    return other == null ? loss : other;
  }
}

package io.trainyard.crash;

import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes a network with a random layer and its training. They are not always valid. */
final class NetworkText {
  private static final List<String> INPUTS = List.of("x", "y", "z");

  private static final List<String> OPTIMIZERS =
      List.of(
          "'adam'",
          "'adamw'",
          "{'type':'sgd','learning_rate':0.001}",
          "{'type':'adam','weight_decay':0.01}",
          "{'type':'sgd','momentum':0.9,'nesterov':true,'learning_rate':0.001}");

  private static final List<String> MORE =
      List.of(
          "",
          ",'gradient_clipping':{'norm':0.1}",
          ",'gradient_clipping':{'value':0.1}",
          ",'metrics':['mae']");

  /** An embedding would refuse the values of most layers. */
  private static final List<LayerTemplates.Template> FOLLOWERS =
      LayerTemplates.all().stream().filter(next -> !next.type().equals("embedding")).toList();

  private final NetworkCases.Cell cell;
  private final Draw draw;
  private final Map<String, Shape> inputs = new LinkedHashMap<>();
  private final List<String> layers = new ArrayList<>();

  /** A layer that no other may read in a training. */
  static final String LAST = "average_members";

  /** Shapes of what the layer reads. */
  private final List<Shape> shapes = new ArrayList<>();

  private NetworkText(NetworkCases.Cell cell, Draw draw) {
    this.cell = cell;
    this.draw = draw;
  }

  /**
   * A case of a cell.
   *
   * @throws io.trainyard.error.ServiceException when its specs are not valid
   */
  static NetworkCase drawn(NetworkCases.Cell cell, Draw draw) {
    NetworkText text = new NetworkText(cell, draw);
    List<String> reads = text.reads();
    String last = text.placed(draw.members(cell.layer().members()), reads);
    if (cell.layer().type().equals(LAST)) {
      return text.read("'mse'", "", 0, last);
    }
    return text.withHead(draw.below(3) == 0 ? text.followed(last) : last);
  }

  /** Adds the inputs and the layers behind them; returns what the layer reads. */
  private List<String> reads() {
    List<List<Integer>> rows = draw.rows(draw.pick(cell.layer().rows()));
    // An input that is read twice gets its gradient from both.
    boolean repeated = rows.size() > 1 && rows.get(0).equals(rows.get(1)) && draw.below(6) == 0;
    List<String> reads = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      List<Integer> row = rows.get(i);
      Shape shape = cell.format().row(row.getLast(), row.subList(0, row.size() - 1));
      shapes.add(shape);
      reads.add(i == 1 && repeated ? reads.getFirst() : read(INPUTS.get(i), shape));
    }
    return reads;
  }

  private String read(String name, Shape shape) {
    String view = view(name, shape);
    return switch (cell.placement()) {
      case FIRST -> view;
      case BEHIND_TRAINED, FROZEN ->
          name.equals("x") || draw.coin() ? before(view, shape, true) : view;
      case BEHIND_FROZEN -> before(view, shape, false);
      case SHARED, NESTED -> draw.coin() ? before(view, shape, draw.coin()) : view;
    };
  }

  /** Adds an input; some are views with gaps, in another order, or with elements used twice. */
  private String view(String input, Shape shape) {
    String name = input + "_view";
    List<Integer> dims = shape.dims();
    int axis = draw.below(dims.size());
    String members =
        switch (draw.below(6)) {
          case 0 -> {
            inputs.put(input, new Shape(dims.reversed()));
            yield "'permute','axes':" + reversed(dims.size());
          }
          case 1 -> {
            List<Integer> longer = new ArrayList<>(dims);
            longer.set(axis, dims.get(axis) + 2);
            inputs.put(input, new Shape(longer));
            yield "'slice','axis':" + axis + ",'start':1,'end':-1";
          }
          case 2 -> {
            inputs.put(input, dims.size() > 1 ? shape.row() : shape);
            yield dims.size() > 1 ? "'repeat','n':" + dims.getFirst() : "";
          }
          default -> {
            inputs.put(input, shape);
            yield "";
          }
        };
    if (members.isEmpty()) {
      return input;
    }
    layers.add("{'name':'%s','inputs':['%s'],'type':%s}".formatted(name, input, members));
    return name;
  }

  private static String reversed(int rank) {
    return IntStream.range(0, rank)
        .mapToObj(axis -> String.valueOf(rank - 1 - axis))
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** Adds a layer that keeps the shape. */
  private String before(String read, Shape shape, boolean trained) {
    String name = read + "_before";
    String members =
        // An embedding must read indices.
        cell.layer().type().equals("embedding")
            ? "'type':'activation','function':'relu'"
            : draw.pick(keepingShape(shape));
    layers.add(
        "{'name':'%s','inputs':['%s'],'trainable':%s,%s}".formatted(name, read, trained, members));
    return name;
  }

  private List<String> keepingShape(Shape shape) {
    List<String> kinds =
        new ArrayList<>(
            List.of(
                "'type':'prelu'",
                "'type':'batch_norm'",
                "'type':'layer_norm'",
                "'type':'lambda','expression':'a * x','parameters':{'a':0.7}",
                "'type':'dense','units':" + shape.last()));
    if (shape.rank() > 1) {
      String convolution =
          "'type':'conv%dd','filters':%d,'kernel_size':"
              .formatted(shape.rank() - 1, cell.format().channels(shape));
      kinds.add(convolution + "1");
      kinds.add(convolution + "3,'padding':'same','activation':'tanh'");
    }
    return kinds;
  }

  /** Adds the layer; returns the name of its output. */
  private String placed(String members, List<String> reads) {
    switch (cell.placement()) {
      case FIRST, BEHIND_TRAINED, BEHIND_FROZEN -> layers.add(layer("l", members, reads, ""));
      case FROZEN -> layers.add(layer("l", members, reads, ",'trainable':false"));
      case NESTED -> layers.add(nested(members, reads));
      case SHARED -> {
        layers.add(layer("l", members, reads, ""));
        List<String> others = reads.stream().distinct().map(read -> read + "_other").toList();
        reads.stream()
            .distinct()
            .map(
                "{'name':'%1$s_other','type':'activation','function':'relu','inputs':['%1$s']}"
                    ::formatted)
            .forEach(layers::add);
        layers.add(layer("other", members, others, ",'share':'l'"));
        layers.add("{'name':'both','type':'average','inputs':['l','other']}");
        return "both";
      }
    }
    return "l";
  }

  /** Adds a random layer, which gives the gradient that the layer before gets. */
  private String followed(String last) {
    LayerTemplates.Template next = draw.pick(FOLLOWERS);
    draw.follow();
    layers.add(layer("next", next, draw.members(next.members()), List.of(last), ""));
    return "next";
  }

  private String layer(String name, String members, List<String> reads, String more) {
    return layer(name, cell.layer(), members, reads, more);
  }

  private static String layer(
      String name,
      LayerTemplates.Template template,
      String members,
      List<String> reads,
      String more) {
    String own = members;
    for (int i = 0; i < reads.size(); i++) {
      own = own.replace("@" + i, reads.get(i));
    }
    return "{'name':'%s','type':'%s','inputs':%s%s%s%s}"
        .formatted(name, template.type(), quoted(reads), own.isEmpty() ? "" : ",", own, more);
  }

  private String nested(String members, List<String> reads) {
    Map<String, Shape> inner = new LinkedHashMap<>();
    for (int i = 0; i < shapes.size(); i++) {
      inner.put("n" + i, shapes.get(i));
    }
    return "{'name':'l','type':'model','ref':'m@1','inputs':%s,'trainable':%s,'network':{'data_format':%s,'inputs':%s,'layers':[%s]}}"
        .formatted(
            quoted(reads),
            draw.coin(),
            format(),
            declared(inner, ""),
            layer("inner", members, List.copyOf(inner.keySet()), ""));
  }

  private static String quoted(List<String> names) {
    return names.stream().collect(Collectors.joining("','", "['", "']"));
  }

  private static String declared(Map<String, Shape> inputs, String more) {
    return inputs.entrySet().stream()
        .map(
            input ->
                "'%s':{%s'shape':%s}"
                    .formatted(
                        input.getKey(), more.formatted(input.getKey()), input.getValue().dims()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private String format() {
    return "'" + cell.format().name().toLowerCase(Locale.ROOT) + "'";
  }

  /** Adds the end of the network, and reads all. */
  private NetworkCase withHead(String last) {
    String before =
        switch (draw.below(6)) {
          case 0 -> "";
          case 1 -> "{'type':'global_avg_pool','inputs':['" + last + "']},";
          case 2 ->
              "{'type':'permute','inputs':['%s'],'axes':%s},{'type':'flatten'},"
                  .formatted(last, reversed(2 + draw.below(3)));
          case 3 ->
              "{'type':'multiply','inputs':['%1$s','%1$s']},{'type':'flatten'},".formatted(last);
          default -> "{'type':'flatten','inputs':['" + last + "']},";
        };
    if (before.isEmpty()) {
      return read(draw.coin() ? "'mse'" : "'mae'", "", 0, last);
    }
    int classes = draw.pick(List.of(0, 0, 0, 2, 3));
    return switch (classes) {
      case 0 ->
          read(
              "'mse'",
              before + "{'type':'dense','name':'h','units':" + (1 + draw.below(3)) + "}",
              0,
              "h");
      case 2 ->
          read(
              "'binary_crossentropy'",
              before + "{'type':'dense','name':'h','units':1,'activation':'sigmoid'}",
              2,
              "h");
      default ->
          read(
              "'categorical_crossentropy'",
              before + "{'type':'dense','name':'h','units':3,'activation':'softmax'}",
              3,
              "h");
    };
  }

  private NetworkCase read(String loss, String head, int classes, String output) {
    String model =
        "{'name':'m','inputs':%s,'targets':{'t':{'column':'t','type':'%s'}},'network':{'data_format':%s,'outputs':['%s'],'layers':[%s]}}"
            .formatted(
                declared(inputs, "'column':'%s',"),
                classes > 0 ? "class" : "number",
                format(),
                output,
                String.join(",", layers) + (head.isEmpty() ? "" : "," + head));
    String training =
        "{'loss':%s,'epochs':2,'batch_size':%d,'shuffle':%s,'optimizer':%s%s}"
            .formatted(loss, cell.batch(), draw.coin(), draw.pick(OPTIMIZERS), draw.pick(MORE));
    return NetworkCase.of(model, training, inputs, classes, draw.below(3));
  }
}

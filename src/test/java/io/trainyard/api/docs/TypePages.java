package io.trainyard.api.docs;

import io.trainyard.spec.description.Description;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A page for each kind and family of types, and for the objects of each request. */
final class TypePages {
  private static final JsonMapper JSON = new JsonMapper();

  /** A page: its file, its title, its first sentences, the kind it shows or "", its objects. */
  private record Plan(
      String file, String title, String introduction, List<String> kinds, List<String> objects) {}

  private static final List<Plan> PLANS =
      List.of(
          new Plan(
              "activations",
              "Activations",
              "A layer's member `activation`, or a layer of type `activation`: a name, or an object"
                  + " with parameters. Solid: the function. Dashed: its derivative. Both are drawn"
                  + " from what the service computes.",
              List.of("activation"),
              List.of()),
          new Plan(
              "initializers",
              "Initializers",
              "The first values of weights: a name, or an object with parameters. The same seed"
                  + " gives the same values.",
              List.of("initializer"),
              List.of()),
          new Plan(
              "regularizers",
              "Regularizers and constraints",
              "Penalties that a layer adds to the loss, and a limit that every step keeps.",
              List.of("regularizer"),
              List.of("Regularizer", "Sparsity", "Constraint")),
          new Plan(
              "functions",
              "Expression functions",
              "The layer `lambda`, and losses, metrics and schedules of type `expression`, take"
                  + " expressions of named values with `+ - * / ^`, comparisons, parentheses and"
                  + " these functions. They work on every element unless they say otherwise.",
              List.of("function"),
              List.of()),
          new Plan(
              "model",
              "Models",
              "A model says which columns go in, which come out, and the layers between them.",
              List.of(),
              List.of(
                  "Model",
                  "Network",
                  "MemberGroup",
                  "RawInput",
                  "Input",
                  "Target",
                  "Time",
                  "Window",
                  "Divide",
                  "BestThreshold",
                  "Constant")),
          new Plan(
              "encodings",
              "Encodings, scalings and imputations",
              "How columns become numbers. Statistics are learned from the training rows alone, and"
                  + " are stored with the version, so that predictions take raw values.",
              List.of("encode", "scale", "impute"),
              List.of()),
          new Plan(
              "training",
              "Trainings",
              "The member `training` of a job: what is made small, by which method, for how long.",
              List.of(),
              List.of(
                  "Training",
                  "Phase",
                  "PhaseTarget",
                  "EarlyStopping",
                  "Ensemble",
                  "Intervals",
                  "GradientClipping",
                  "Ema",
                  "LearningRateRange",
                  "ScheduledDecay",
                  "ScheduledRate",
                  "NumberSchedule",
                  "FramesDiagnostic",
                  "Frames",
                  "AxisRange",
                  "Metrics")),
          new Plan(
              "optimizers",
              "Optimizers",
              "The member `optimizer` of a training: a name, or an object with parameters.",
              List.of("optimizer"),
              List.of()),
          new Plan(
              "losses",
              "Losses",
              "The member `loss` of a training: a name, or an object with parameters. A loss of a"
                  + " batch is the mean over its rows.",
              List.of("loss"),
              List.of()),
          new Plan(
              "metrics",
              "Metrics of trainings",
              "The member `metrics` of a training: a list of names, or of objects with parameters."
                  + " Each is computed over all rows of a part, not as a mean over batches. How the"
                  + " service itself does is told by [the service's metrics](service-metrics.md).",
              List.of("metric"),
              List.of()),
          new Plan(
              "schedules",
              "Learning rate schedules",
              "The member `learning_rate_schedule` of a training. The plots show 100 epochs from a"
                  + " learning rate of 0.1, drawn from what the service computes.",
              List.of("schedule"),
              List.of()),
          new Plan(
              "dataset-selection",
              "The rows of a job",
              "The member `dataset` of a job: which rows train, which validate, which test.",
              List.of(),
              List.of("DatasetSelection", "DatasetReference", "Split", "Fold")),
          new Plan(
              "dataset-options",
              "Options of an upload",
              "Given as query parameters, or as the part `options` of a multipart upload.",
              List.of(),
              List.of("DatasetOptions")),
          new Plan(
              "job",
              "Job requests",
              "The body of `POST /v1/jobs`.",
              List.of(),
              List.of("Job", "Resources", "InitialWeights", "OnSuccess", "Bound")),
          new Plan(
              "predict",
              "Predict requests",
              "The body of `POST /v1/models/{model}/predict`.",
              List.of(),
              List.of("Predict", "Explain")));

  /** The page of each family of layers. */
  static final Map<String, String> FAMILIES = families();

  private static Map<String, String> families() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("Dense, activation, dropout, flatten", "layers-core");
    files.put("Convolutions", "layers-convolution");
    files.put("Pools", "layers-pooling");
    files.put("Normalizations", "layers-normalization");
    files.put("Recurrent layers", "layers-recurrent");
    files.put("Attention", "layers-attention");
    files.put("Embedding", "layers-embedding");
    files.put("Noise", "layers-noise");
    files.put("Image augmentation", "layers-augmentation");
    files.put("Elementwise layers", "layers-elementwise");
    files.put("Layers for tables", "layers-tables");
    files.put("Moving elements", "layers-rearrangement");
    files.put("Layers of several inputs", "layers-merge");
    files.put("Expressions", "layers-expression");
    files.put("Models in models", "layers-nested");
    return files;
  }

  private final MemberTable members = new MemberTable(TypePages::link);

  /** The text of each page by the name of its file. */
  Map<String, String> pages() {
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("layers", layers());
    FAMILIES.forEach((title, file) -> pages.put(file, family(title)));
    PLANS.forEach(plan -> pages.put(plan.file(), page(plan)));
    return pages;
  }

  /** Where a definition is described. */
  static String link(String definition) {
    for (Plan plan : PLANS) {
      if (plan.objects().contains(definition)) {
        return plan.file() + ".md#" + definition.toLowerCase(Locale.ROOT);
      }
    }
    return switch (definition) {
      case "Layer" -> "layers.md";
      case "Activation" -> "activations.md";
      case "Initializer", "BiasInitializer", "ScaleInitializer" -> "initializers.md";
      case "Optimizer" -> "optimizers.md";
      case "Loss" -> "losses.md";
      case "Metric" -> "metrics.md";
      case "Schedule" -> "schedules.md";
      default -> throw new IllegalStateException("no page describes " + definition);
    };
  }

  private String layers() {
    ReferenceText page =
        new ReferenceText(
            "Layers",
            "A network is a list of layers, or a graph of them by their `inputs`. The member `type`"
                + " says which layer it is. Shapes are those of one row; `[..., n]` stands for any"
                + " axes before the last.");
    page.heading(2, "Members of every layer");
    page.table(
        MemberTable.COLUMNS, members.rows(Reference.descriptions().group("layer"), List.of()));
    LayerPatterns.describe("layers", page);
    page.heading(2, "All types");
    List<List<String>> rows = new ArrayList<>();
    for (Description type : Reference.descriptions().of("layer")) {
      String file = FAMILIES.get(type.family());
      rows.add(
          List.of(
              "[`" + type.name() + "`](" + file + ".md#" + type.name() + ")",
              ReferenceText.plain(type.summary()),
              name(type, "pytorch"),
              name(type, "keras"),
              name(type, "matlab")));
    }
    page.table(List.of("Type", "Summary", "PyTorch", "Keras", "MATLAB"), rows);
    return page.toString();
  }

  private String family(String title) {
    ReferenceText page =
        new ReferenceText(
            title, "Beside their own members they take [those of every layer](layers.md).");
    Reference.descriptions().of("layer").stream()
        .filter(type -> type.family().equals(title))
        .forEach(type -> describe(type, page, 2));
    LayerPatterns.describe(Objects.requireNonNull(FAMILIES.get(title)), page);
    return page.toString();
  }

  private String page(Plan plan) {
    ReferenceText page = new ReferenceText(plan.title(), plan.introduction());
    if (plan.file().equals("functions")) {
      ExpressionLanguage.describe(page);
    }
    for (String kind : plan.kinds()) {
      List<Description> types = Reference.descriptions().of(kind);
      boolean several = plan.kinds().size() > 1;
      if (several) {
        page.heading(2, kind);
      }
      index(types, page);
      types.forEach(type -> describe(type, page, several ? 3 : 2));
    }
    for (String name : plan.objects()) {
      object(name, page);
    }
    return page.toString();
  }

  private static void index(List<Description> types, ReferenceText page) {
    page.table(
        List.of("Name", "Summary"),
        types.stream()
            .map(
                type ->
                    List.of(
                        "[`" + type.name() + "`](#" + type.name() + ")",
                        ReferenceText.plain(type.summary())))
            .toList());
  }

  private void describe(Description type, ReferenceText page, int level) {
    page.heading(level, type.name().replace("_", "\\_"));
    List<String> aliases = type.words().stream().filter(word -> !word.equals(type.name())).toList();
    page.paragraph(
        ReferenceText.plain(type.summary())
            + (aliases.isEmpty()
                ? ""
                : " Also written "
                    + String.join(", ", aliases.stream().map(ReferenceText::quoted).toList())
                    + "."));
    Plots.of(type)
        .forEach(plot -> page.paragraph("![%s](plots/%s)".formatted(plot.text(), plot.file())));
    if (!type.formula().equals("—")) {
      page.code("text", type.formula());
    }
    page.paragraph(type.shape().isEmpty() ? "" : "Shape: " + ReferenceText.quoted(type.shape()));
    page.table(MemberTable.COLUMNS, members.rows(type.members(), type.required()));
    page.paragraph("Example:").json(example(type));
    page.table(
        List.of("PyTorch", "Keras", "MATLAB", "Source"),
        List.of(
            List.of(
                name(type, "pytorch"), name(type, "keras"), name(type, "matlab"), source(type))));
  }

  /** With the links that descriptions, which clients read too, cannot have. */
  private static String source(Description type) {
    return ReferenceText.plain(type.source())
        .replace("the expression functions' page", "[the expression functions' page](functions.md)")
        .replace(
            "the guide to serving", "[the guide to serving](../guides/serving.md#how-sure-is-it)");
  }

  private static String name(Description type, String library) {
    String name = type.nameIn(library);
    return name.isEmpty()
        ? "—"
        : Set.of("nothing", "none").contains(name) || !name.matches("[\\w.]+(\\(.*\\))?")
            ? ReferenceText.plain(name)
            : ReferenceText.quoted(name);
  }

  /** The example with the member that it is the value of. */
  static JsonNode example(Description type) {
    JsonNode example = type.example();
    ObjectNode owner = JsonNodeFactory.instance.objectNode();
    return switch (type.kind()) {
      case "layer" -> example;
      case "activation", "initializer" -> dense().set(type.kind(), example);
      case "regularizer" ->
          switch (type.name()) {
            case "max_norm" -> dense().set("constraint", example);
            // Only for outputs from 0 to 1.
            case "sparsity" -> dense().put("activation", "sigmoid").set("regularizer", example);
            default -> dense().set("regularizer", example);
          };
      case "function" -> owner.put("type", "lambda").set("expression", example);
      case "optimizer", "loss" -> owner.set(type.kind(), example);
      case "metric" -> {
        owner.putArray("metrics").add(example);
        yield owner;
      }
      case "schedule" -> owner.set("learning_rate_schedule", example);
      case "scale", "impute", "encode" -> {
        owner.putArray("columns").add("a");
        yield owner.set(type.kind(), example);
      }
      default -> throw new IllegalStateException(type.kind());
    };
  }

  private static ObjectNode dense() {
    return (ObjectNode) JSON.readTree("{\"type\": \"dense\", \"units\": 8}");
  }

  private void object(String name, ReferenceText page) {
    ObjectNode object = Objects.requireNonNull(Reference.descriptions().objects().get(name));
    page.heading(2, name);
    page.paragraph(ReferenceText.plain(object.path("summary").asString("")));
    if (object.has("schema")) {
      page.paragraph("Value: " + members.value(object.get("schema")) + ".");
    }
    page.table(
        MemberTable.COLUMNS,
        members.rows(
            object.path("members").isObject()
                ? (ObjectNode) object.get("members")
                : JsonNodeFactory.instance.objectNode(),
            object.path("required").valueStream().map(JsonNode::stringValue).toList()));
    if (object.has("alternatives")) {
      page.paragraph(
          "One of these must be there: "
              + String.join(
                  ", or ",
                  object
                      .get("alternatives")
                      .valueStream()
                      .map(
                          names ->
                              String.join(
                                  " and ",
                                  names
                                      .valueStream()
                                      .map(each -> ReferenceText.quoted(each.stringValue()))
                                      .toList()))
                      .toList())
              + ".");
    }
    if (object.has("example")) {
      page.paragraph("Example:").json(object.get("example"));
    }
    if (name.equals("Split")) {
      page.paragraph(
          "The pictures show 30 rows with `\"validation\": 0.2, \"test\": 0.1`, drawn from what the"
              + " service computes. Only `stratify` keeps the share of the rarer label in each"
              + " part. With `fold` every row outside the test part validates once. Rows of one"
              + " series (an input with a `window`) run forward in time; series of several groups"
              + " stay whole, each group in one fold.");
      Plots.ofSplits()
          .forEach(plot -> page.paragraph("![%s](plots/%s)".formatted(plot.text(), plot.file())));
    }
  }

  /** The kinds that have pages. */
  static Stream<String> kinds() {
    return Stream.concat(Stream.of("layer"), PLANS.stream().flatMap(plan -> plan.kinds().stream()));
  }
}

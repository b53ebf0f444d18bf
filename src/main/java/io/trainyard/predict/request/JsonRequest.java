package io.trainyard.predict.request;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.GivenThresholds;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.JsonStream;
import io.trainyard.json.NameAdvice;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.Computation;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.OutputNames;
import io.trainyard.predict.analysis.Analysis;
import io.trainyard.predict.analysis.AnalysisRequest;
import io.trainyard.predict.analysis.TrainingMeans;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.image.ImageRows;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A JSON body with instances: objects by column, or tensors. */
public final class JsonRequest extends AnalysedRequest {
  private static final List<String> MEMBERS =
      List.of("instances", "outputs", "samples", "seed", "explain", "threshold");

  private static final String INSTANCES = "/instances";

  /** Objects are encoded in blocks, so that a body of any size needs few JSON nodes. */
  private static final int BLOCK = 256;

  /** The values of a member that asks for an analysis. */
  private static final int MOST_ASKED = 100;

  /** The values of a block, unless one instance has more. */
  private static final long BLOCK_VALUES = 1 << 20;

  private final byte[] body;
  private final @Nullable String output;
  private final boolean ignoreUnknown;
  private final Set<String> tolerated;
  private final ImageInstances images;
  private final TrainingMeans means;
  private List<String> outputs;
  private @Nullable JsonNode threshold;
  private @Nullable Encoding decided;
  private AnalysisRequest analysed = AnalysisRequest.NONE;

  /**
   * @param output an output that is wanted in addition to those in the body; may be null
   * @param ignoreUnknown whether members that nothing reads are left out
   * @param tolerated members of the body that are skipped
   * @param images reads the images in the instances
   * @param means for explanations
   */
  public JsonRequest(
      byte[] body,
      @Nullable String output,
      boolean ignoreUnknown,
      Set<String> tolerated,
      ImageRows images,
      TrainingMeans means) {
    this.means = means;
    this.tolerated = Set.copyOf(tolerated);
    this.body = body;
    this.ignoreUnknown = ignoreUnknown;
    this.output = output;
    this.images = new ImageInstances(images);
    this.outputs = output == null ? List.of() : List.of(output);
  }

  @Override
  public Map<String, HostTensor> inputs(LoadedModel model, ByteBudget.Reservation memory) {
    Map<String, HostTensor> plain = PlainInstances.read(body, model, memory);
    Map<String, HostTensor> inputs = plain != null ? plain : strict(model, memory);
    model.checkIndices(inputs, INSTANCES);
    return inputs;
  }

  /** Reads any body without the fast reader. */
  Map<String, HostTensor> strict(LoadedModel model, ByteBudget.Reservation memory) {
    return read(model, memory).all();
  }

  /** Reads any body and reports its faults. */
  private InputRows read(LoadedModel model, ByteBudget.Reservation memory) {
    Violations violations = new Violations();
    InputRows rows = new InputRows(memory, model.rowCost().inputBytes());
    boolean given = false;
    boolean misspelt = false;
    ObjectNode asked = JsonNodeFactory.instance.objectNode();
    try (JsonStream in = new JsonStream(body)) {
      if (in.next() != JsonToken.START_OBJECT) {
        throw ServiceException.invalid("", "An object was expected, got " + in.describe(""));
      }
      while (in.next() != JsonToken.END_OBJECT) {
        String name = in.name();
        in.next();
        switch (name) {
          case "instances" -> {
            given = in.current() != JsonToken.VALUE_NULL;
            readInstances(in, model, rows, violations);
          }
          case "outputs" -> readOutputs(in, model, violations);
          // Where an editor finds the schema of the body.
          case "$schema" -> in.skip();
          case "threshold" -> threshold = in.tree(MOST_ASKED, "/threshold");
          case "samples", "seed", "explain" -> asked.set(name, in.tree(MOST_ASKED, pointer(name)));
          default -> {
            if (!ignoreUnknown && !tolerated.contains(name)) {
              violations.add(
                  pointer(name),
                  "Unknown member '"
                      + JsonObject.shorten(name)
                      + "'"
                      + NameAdvice.before(
                          "known here: " + String.join(", ", MEMBERS), name, MEMBERS));
              misspelt |= NameAdvice.similar(name, MEMBERS).filter("instances"::equals).isPresent();
            }
            in.skip();
          }
        }
      }
      in.expectEnd();
    }
    if (!given && !misspelt) {
      violations.add(INSTANCES, "'instances' is required: a list with one instance per row");
    } else if (violations.isEmpty() && rows.count() == 0) {
      violations.add(INSTANCES, "A list of at least one instance was expected, got an empty one");
    }
    analysed = AnalysisRequest.read(asked, violations);
    if (threshold != null && !threshold.isNull()) {
      decided = decided(threshold, "/threshold", model, violations);
    }
    if (!violations.isEmpty()) {
      checkOutputs(model, violations);
    }
    violations.throwIfAny();
    return rows;
  }

  /** The encoding with other thresholds; null where the violations say why not. */
  static @Nullable Encoding decided(
      JsonNode threshold, String pointer, LoadedModel model, Violations violations) {
    Encoding encoding = model.definition().encoding();
    if (encoding == null) {
      GivenThresholds.refuse(pointer, violations);
      return null;
    }
    return GivenThresholds.in(threshold, encoding, pointer, violations);
  }

  @Override
  public VersionDefinition definition(LoadedModel model) {
    return decided == null ? model.definition() : model.definition().with(decided);
  }

  private void checkOutputs(LoadedModel model, Violations violations) {
    try {
      OutputNames.check(outputs, model.definition());
    } catch (ServiceException e) {
      violations.addAll(e.violations());
    }
  }

  private static String pointer(String member) {
    return Violation.pointer("", JsonObject.shorten(member));
  }

  private void readInstances(
      JsonStream in, LoadedModel model, InputRows rows, Violations violations) {
    if (in.current() != JsonToken.START_ARRAY) {
      if (in.current() != JsonToken.VALUE_NULL) {
        violations.add(
            INSTANCES,
            "A list of at least one instance was expected, got " + in.describe(INSTANCES));
        in.skip();
      }
      return;
    }
    Encoding encoding = model.definition().encoding();
    if (encoding == null) {
      new TensorReader(
              in,
              model.signature().inputs(),
              rows,
              images,
              model.definition().spec().network()::readsTruths)
          .read(INSTANCES);
    } else {
      encode(in, encoding, model, rows, violations);
    }
  }

  /** Rows with faults, all of them, are told with the faults of the members behind them. */
  private void encode(
      JsonStream in, Encoding encoding, LoadedModel model, InputRows rows, Violations violations) {
    int most = Math.clamp(BLOCK_VALUES / Math.max(1, encoding.rowValues()), 1, BLOCK);
    ArrayNode block = JsonNodeFactory.instance.arrayNode(most);
    List<String> order = encoding.columnOrder().columns();
    Set<String> ignored = encoding.ignoredColumns();
    Violations faults = new Violations();
    long before = 0;
    boolean more = in.next() != JsonToken.END_ARRAY;
    while (more) {
      int first = rows.count();
      rows.reserve(1);
      String at = Violation.pointer(INSTANCES, first);
      JsonNode instance = in.tree(model.mostValues(), at, ignored);
      block.add(
          images.decoded(instance, order, model.tensorColumns(), model.onlyColumn(), at, faults));
      more = in.next() != JsonToken.END_ARRAY;
      if (!more || block.size() == most) {
        // An image that cannot be read is not in the block.
        Map<String, HostTensor> encoded =
            faults.count() > before
                ? null
                : encoding.encode(
                    block, INSTANCES, rows.count() - block.size(), ignoreUnknown, faults);
        if (encoded != null) {
          rows.add(encoded);
        }
        block.removeAll();
        before = faults.count();
      }
    }
    violations.addAll(faults.list());
  }

  private void readOutputs(JsonStream in, LoadedModel model, Violations violations) {
    int most = model.mostOutputs();
    JsonNode names = in.tree(most + 1, "/outputs");
    Violations faults = new Violations();
    JsonObject members =
        JsonObject.of(JsonNodeFactory.instance.objectNode().set("outputs", names), "", faults);
    List<String> asked = members.texts("outputs");
    violations.addAll(faults.list());
    if (asked != null) {
      // Those of the body come first, so that a fault has its place in the body.
      outputs = Stream.concat(asked.stream(), Stream.ofNullable(output)).toList();
    }
  }

  @Override
  public List<String> outputs() {
    return outputs;
  }

  @Override
  Analysis analysisOf(Computation computation) {
    return Analysis.of(analysed, computation, means);
  }
}

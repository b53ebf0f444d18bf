package io.trainyard.onnx;

import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.model.ForeignNetworks;
import io.trainyard.onnx.format.OnnxFile;
import io.trainyard.onnx.format.OnnxFile.Axis;
import io.trainyard.spec.Signature;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.LayerSpec.Foreign.Together;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the network of an ONNX file, without native code, in the process for a {@link NetworkTask}.
 */
public final class OnnxImport implements ForeignNetworks {
  private static final String FILE = "/onnx";
  private static final int MOST_SHOWN = 50;
  private static final String INPUTS = "/spec/network/inputs";

  private final long mostBytes;

  /**
   * @param mostBytes the largest file
   */
  public OnnxImport(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  @Override
  public Network read(Path path, JsonNode given) {
    Violations violations = new Violations();
    try {
      ByteBuffer bytes = MappedFile.of(path, mostBytes);
      OnnxFile file = OnnxFile.read(bytes);
      OnnxSignature signature = OnnxSignature.of(file);
      for (String fault : file.faults()) {
        violations.add(FILE, "This ONNX file cannot be served: " + fault);
      }
      for (String fault : signature.faults()) {
        violations.add(FILE, "This ONNX file cannot be served: " + fault);
      }
      violations.throwIfAny();
      return network(file, signature, given, violations);
    } catch (FormatException e) {
      throw ServiceException.invalid(FILE, "This is not an ONNX file: " + e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("The uploaded ONNX file cannot be read", e);
    }
  }

  private static Network network(
      OnnxFile file, OnnxSignature signature, JsonNode given, Violations violations) {
    List<Warning> warnings = warnings(signature);
    OpenAxes axes = new OpenAxes(given, violations);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode inputs = json.putObject("inputs");
    Map<String, Signature.Tensor> tensors = new LinkedHashMap<>();
    List<String> indices = new ArrayList<>();
    List<String> truths = new ArrayList<>();
    long read = 0;
    for (OnnxSignature.Tensor input : signature.inputs()) {
      Shape shape = axes.shapeOfInput(input);
      shape.dims().forEach(inputs.putObject(input.name()).putArray("shape")::add);
      read += shape.elements();
      ElementType type = input.isWhole() ? ElementType.INT64 : ElementType.FLOAT32;
      tensors.put(input.name(), new Signature.Tensor(type, shape));
      if (input.isWhole()) {
        indices.add(input.name());
      }
      if (input.type() == ElementType.BOOL) {
        truths.add(input.name());
      }
    }
    axes.checkNames(tensors.keySet());
    violations.throwIfAny();
    // A kernel is applied at fewer places than the input has elements.
    long adds = file.constantElements() * (file.convolves() ? Math.clamp(read, 1, 4096) : 1);
    Map<OnnxSignature.Tensor, Shape> served = new LinkedHashMap<>();
    for (OnnxSignature.Tensor output : signature.outputs()) {
      Shape shape = axes.shapeOfOutput(output);
      if (shape != null) {
        served.put(output, shape);
      } else {
        warnings.add(
            leftOut(
                output.fileName(),
                "it has axes of open length besides the batch; export it with fixed ones"));
      }
    }
    String mixing = mixing(file, signature, tensors, served);
    Together together = mixing == null ? Together.ANY : Together.REQUEST;
    ArrayNode layers = json.putArray("layers");
    ArrayNode outputs = json.putArray("outputs");
    served.forEach(
        (output, shape) -> {
          boolean probability = file.isProbability(output.fileName());
          layers.add(
              new LayerSpec.Foreign(
                      indices, truths, shape, probability, adds, output.type(), together)
                  .json(output.name(), tensors.keySet()));
          outputs.add(output.name());
        });
    if (layers.isEmpty()) {
      throw ServiceException.invalid(
          FILE,
          "This ONNX file cannot be served: its outputs have axes of open length besides the batch;"
              + " export it with fixed ones");
    }
    return new Network(
        json, tensors, mixing, Map.of("onnxruntime", OnnxRuntime.version()), warnings);
  }

  /** Where rows may depend on each other; null when they do not. */
  private static @Nullable String mixing(
      OnnxFile file,
      OnnxSignature signature,
      Map<String, Signature.Tensor> inputs,
      Map<OnnxSignature.Tensor, Shape> served) {
    if (signature.rowByRow()) {
      return null;
    }
    Map<String, long[]> given = new HashMap<>();
    signature
        .inputs()
        .forEach(
            input ->
                given.put(
                    input.fileName(),
                    Objects.requireNonNull(inputs.get(input.name())).shape().toLongs()));
    Map<String, long[]> wanted = new LinkedHashMap<>();
    served.forEach((output, shape) -> wanted.put(output.fileName(), shape.toLongs()));
    return file.mixesRows(given, wanted);
  }

  /** What of the file is not served as it is. */
  private static List<Warning> warnings(OnnxSignature signature) {
    List<Warning> warnings = new ArrayList<>();
    signature
        .leftOut()
        .forEach(
            (output, what) ->
                warnings.add(
                    leftOut(
                        output,
                        what.equals("a tensor of texts")
                            ? "it is a tensor of texts. For labels as texts, give a class target with \"classes\" and the \"output\" of their probabilities"
                            : "it is " + what)));
    signature
        .maps()
        .forEach(
            (name, map) ->
                warnings.add(
                    new Warning(
                        FILE,
                        "map_as_tensor",
                        "The output '%s' is answered as a tensor of %d numbers in place of maps: those of the classes %s, in this order"
                            .formatted(name, map.classes().size(), shown(map.classes())))));
    for (OnnxSignature.Tensor input : signature.inputs()) {
      if (input.type() == ElementType.FLOAT64) {
        warnings.add(
            new Warning(
                FILE,
                "input_narrowed",
                "The input '%s' is float64 in the file, but requests are read as float32: about 7 digits are kept, and whole numbers up to 16777216"
                    .formatted(input.name())));
      }
    }
    return warnings;
  }

  private static Warning leftOut(String output, String why) {
    return new Warning(
        FILE,
        "output_left_out",
        "The output '%s' is left out of answers: %s".formatted(output, why));
  }

  private static String shown(List<String> classes) {
    String all = classes.stream().limit(MOST_SHOWN).collect(Collectors.joining(", "));
    return classes.size() > MOST_SHOWN ? all + ", …" : all;
  }

  /** The lengths that the file leaves open and the caller gives. */
  private static final class OpenAxes {
    private final JsonNode given;
    private final Violations violations;
    private final Map<String, Long> byName = new HashMap<>();

    OpenAxes(JsonNode network, Violations violations) {
      this.given = network.path("inputs");
      this.violations = violations;
    }

    void checkNames(Set<String> known) {
      for (String name : given.propertyNames()) {
        if (!known.contains(name)) {
          violations.add(
              Violation.pointer(INPUTS, name),
              "The file has no input '%s'; it has %s".formatted(name, known));
        }
      }
    }

    /** With length 1 where the violations say what is wrong. */
    Shape shapeOfInput(OnnxSignature.Tensor input) {
      JsonNode shape = given.path(input.name()).path("shape");
      String pointer = Violation.pointer(INPUTS, input.name());
      if (!shape.isMissingNode() && shape.size() != input.row().size()) {
        violations.add(
            pointer + "/shape",
            "The file has %d axes behind the batch, got %s".formatted(input.row().size(), shape));
        return Shape.of(1);
      }
      List<Integer> dims = new ArrayList<>();
      for (int i = 0; i < input.row().size(); i++) {
        Axis axis = input.row().get(i);
        JsonNode length = shape.path(i);
        long wanted = length.isIntegralNumber() ? length.asLong(0) : axis.length();
        if (wanted < 1 && axis.length() < 0 && shape.isMissingNode()) {
          violations.add(
              pointer,
              "Axis %d of the file's input '%s' has no length: give \"network\": {\"inputs\": {\"%s\": {\"shape\": […]}}}"
                  .formatted(i, input.fileName(), input.name()));
          wanted = 1;
        } else if (wanted < 1
            || wanted > Integer.MAX_VALUE
            || (axis.length() > 0 && wanted != axis.length())
            || !agrees(axis, wanted)) {
          violations.add(
              pointer + "/shape",
              "Axis %d has length %s in the file, got %s"
                  .formatted(
                      i, axis.length() > 0 ? axis.length() : "\"" + axis.name() + "\"", length));
          wanted = 1;
        }
        dims.add((int) wanted);
      }
      return new Shape(dims);
    }

    /** Whether another axis of the name has the same length. */
    private boolean agrees(Axis axis, long length) {
      Long other = axis.name().isEmpty() ? null : byName.putIfAbsent(axis.name(), length);
      return other == null || other == length;
    }

    /** Null when an axis stays open. */
    @Nullable Shape shapeOfOutput(OnnxSignature.Tensor output) {
      List<Integer> dims = new ArrayList<>();
      for (Axis axis : output.row()) {
        long length = axis.length() > 0 ? axis.length() : byName.getOrDefault(axis.name(), 0L);
        if (length < 1 || length > Integer.MAX_VALUE) {
          return null;
        }
        dims.add((int) length);
      }
      return new Shape(dims);
    }
  }
}

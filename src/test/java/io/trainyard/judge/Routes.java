package io.trainyard.judge;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import io.trainyard.grpc.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.trainyard.grpc.protocol.ModelInferResponse;
import io.trainyard.grpc.protocol.ModelMetadataRequest;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks one version about the same rows on every route, and says where it answers something else
 * than to JSON. The metadata of the inference protocol says what is sent and what must come back.
 */
public final class Routes {
  private static final String NPY = "application/x-npy";

  /** In place of a fault: the numbers are too precise for the type that they were sent in. */
  private static final String REFUSED = "refused";

  private final Http http;
  private final GRPCInferenceServiceBlockingStub grpc;
  private final double precision;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  /**
   * @param precision by which numbers may differ, as a share of them
   */
  public Routes(Http http, GRPCInferenceServiceBlockingStub grpc, double precision) {
    this.http = http;
    this.grpc = grpc;
    this.precision = precision;
  }

  /** The routes that were asked, to see that all were. */
  public Set<String> asked() {
    return asked;
  }

  /**
   * The first fault of a version; null when all routes agree.
   *
   * @param version 0: the paths name none, so that the latest one answers
   * @param instances with the columns that it reads, and no others
   * @param exported whether it is exported, imported and asked once more
   */
  public @Nullable String fault(
      String model, int version, List<ObjectNode> instances, boolean exported) {
    return new Version(model, version, instances, false).fault(exported);
  }

  /**
   * What is wrong when numbers are sent as 32-bit floats: all routes refuse them, or all answer.
   *
   * @param instances with numbers that such floats hold
   */
  public @Nullable String narrowFault(String model, int version, List<ObjectNode> instances) {
    return new Version(model, version, instances, true).narrowFault();
  }

  /**
   * What is wrong when a whole dataset is predicted as a job.
   *
   * @param places of the instances in the dataset, from 0
   */
  public @Nullable String batchFault(
      String model, List<ObjectNode> instances, String dataset, List<Integer> places) {
    return new Version(model, 1, instances, false).batchFault(dataset, places);
  }

  /** The answers about one target: a label for each row, numbers, or both. */
  private record Column(List<String> labels, List<double[]> numbers) {
    Column() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  private final class Version {
    private final String model;

    /** Empty: the latest one. */
    private final String version;

    private final String storedPath;
    private final String path;
    private final String inferPath;
    private final List<ObjectNode> instances;
    private final JsonNode stored;
    private final JsonNode targets;
    private final Map<String, Column> expected;

    /** Whether numbers are sent as 32-bit floats. */
    private final boolean narrow;

    Version(String model, int version, List<ObjectNode> instances, boolean narrow) {
      this.model = model;
      this.instances = instances;
      this.narrow = narrow;
      this.version = version == 0 ? "" : String.valueOf(version);
      String asked = model + (version == 0 ? "" : "/versions/" + version);
      path = "/v1/models/" + asked;
      inferPath = "/v2/models/" + asked;
      storedPath =
          "/v1/models/%s/versions/%s".formatted(model, version == 0 ? "latest" : this.version);
      stored = http.get(storedPath).expect(200).json();
      targets = stored.at("/encoding/targets");
      Http.Answer answer = asked(path);
      expected = answer.status() == 200 ? columns(answer.json().get("predictions")) : Map.of();
      if (expected.isEmpty()) {
        throw new IllegalStateException("predict answers %s to %s".formatted(answer, body()));
      }
    }

    private ObjectNode body() {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      instances.forEach(body.putArray("instances")::add);
      return body;
    }

    private Http.Answer asked(String version) {
      return http.post(version + "/predict", body().toString());
    }

    /** The predictions by target; probabilities have the target's name and more. */
    private Map<String, Column> columns(JsonNode predictions) {
      Map<String, Column> columns = new LinkedHashMap<>();
      if (targets.isEmpty()) {
        for (String name :
            stored.at("/spec/network/outputs").valueStream().map(JsonNode::stringValue).toList()) {
          columns.put(
              name, column(name, predictions.valueStream().map(row -> row.get(name)).toList()));
        }
      }
      for (var target : targets.properties()) {
        String name = target.getKey();
        Column own = new Column();
        Column shares = new Column();
        Column deviations = new Column();
        Column uncertainty = new Column();
        Column set = new Column();
        for (JsonNode row : predictions) {
          if (row.at("/uncertainty").path(name).has("std")) {
            JsonNode std = row.get("uncertainty").get(name).get("std");
            uncertainty.numbers().add(numbers(target.getValue(), std));
          }
          if (row.path("set").path(name).isArray()) {
            List<String> labels =
                row.get("set").get(name).valueStream().map(each -> each.asString("")).toList();
            set.numbers().add(members(target.getValue(), labels, row.get(name)));
          }
          if (isClass(target.getValue())) {
            own.labels().add(row.get(name).asString(""));
            JsonNode all = row.path("probabilities");
            JsonNode its = all.path(name).isObject() ? all.get(name) : all;
            if (its.has(target.getValue().get("classes").get(0).asString(""))) {
              shares.numbers().add(HeadAnswers.flat(its));
            }
          } else if (row.has(name)) {
            own.numbers().add(numbers(target.getValue(), row.get(name)));
            if (row.path("std").has(name)) {
              deviations.numbers().add(HeadAnswers.flat(row.get("std").get(name)));
            }
          }
        }
        columns.put(name, own);
        if (!deviations.numbers().isEmpty()) {
          columns.put(name + "_std", deviations);
        }
        if (!shares.numbers().isEmpty()) {
          columns.put(name + "_probabilities", shares);
        }
        if (!uncertainty.numbers().isEmpty()) {
          columns.put(name + "_uncertainty", uncertainty);
        }
        if (!set.numbers().isEmpty()) {
          columns.put(name + "_set", set);
        }
      }
      return columns;
    }

    /** Whether each class is in a set, 1 or 0; a set has the label that is answered. */
    private static double[] members(JsonNode target, List<String> set, JsonNode label) {
      if (!set.contains(label.asString(""))) {
        throw new IllegalStateException("the label %s is not in its set %s".formatted(label, set));
      }
      return target
          .get("classes")
          .valueStream()
          .mapToDouble(each -> set.contains(each.asString("")) ? 1 : 0)
          .toArray();
    }

    /** In the order of the tensor, which has the steps of a window outside, and JSON inside. */
    private double[] numbers(JsonNode target, JsonNode value) {
      JsonNode input = input(target);
      int length = input.at("/window/length").asInt(0);
      if (length == 0) {
        return HeadAnswers.flat(value);
      }
      DoubleStream.Builder numbers = DoubleStream.builder();
      for (int step = 0; step < length; step++) {
        for (String column : names(input)) {
          Arrays.stream(HeadAnswers.flat(value.get(column).get(step))).forEach(numbers);
        }
      }
      return numbers.build().toArray();
    }

    /** The input that a target repeats; missing when it has columns of its own. */
    private JsonNode input(JsonNode target) {
      return stored.at("/encoding/inputs").path(target.path("input").asString(""));
    }

    private static List<String> names(JsonNode encoding) {
      return encoding
          .path("columns")
          .valueStream()
          .map(column -> column.get("column").stringValue())
          .toList();
    }

    private static boolean isClass(JsonNode target) {
      return target.path("kind").asString("").equals("class");
    }

    @Nullable String fault(boolean exported) {
      String fault = rows();
      fault = fault != null ? fault : columnar();
      fault = fault != null ? fault : array();
      fault = fault != null ? fault : inferred();
      return fault != null || !exported ? fault : exported();
    }

    /** What all routes say to numbers in 32-bit floats must be the same. */
    @Nullable String narrowFault() {
      JsonNode metadata = http.get(inferPath).expect(200).json();
      List<Sent> sent = sent(metadata);
      List<@Nullable String> faults = new ArrayList<>();
      faults.add(inferredAsJson(metadata, sent));
      faults.add(inferredAsBinary(metadata, sent, true));
      faults.add(inferredOverGrpc(metadata, sent, true));
      faults.add(inferredOverGrpc(metadata, sent, false));
      HostTensor rows = rowsAsArray();
      if (rows != null) {
        faults.add(array(narrowed(rows)));
      }
      boolean refused = faults.contains(REFUSED);
      asked.add(refused ? "narrow refused" : "narrow answered");
      return faults.stream().allMatch(fault -> Objects.equals(fault, refused ? REFUSED : null))
          ? null
          : "as 32-bit floats: " + faults;
    }

    private static HostTensor narrowed(HostTensor array) {
      HostTensor floats = HostTensor.allocate(ElementType.FLOAT32, array.shape());
      for (int i = 0; i < array.shape().elements(); i++) {
        floats.setFloat(i, (float) array.doubleAt(i));
      }
      return floats;
    }

    /** The fault, or that the numbers are too precise. */
    private String refusal(String fault, String answer) {
      return narrow && answer.contains(": send ") ? REFUSED : fault + answer;
    }

    private @Nullable String difference(String route, Map<String, Column> got) {
      for (var each : expected.entrySet()) {
        Column own = got.get(each.getKey());
        if (own == null) {
          return "%s gives no %s, only %s".formatted(route, each.getKey(), got.keySet());
        }
        String difference = differing(each.getValue(), own, shares(each.getKey()));
        if (difference != null) {
          return "%s gives another %s: %s".formatted(route, each.getKey(), difference);
        }
      }
      for (String name : got.keySet()) {
        // Rows have intervals in another form.
        if (!expected.containsKey(name) && !name.endsWith("_interval")) {
          return "%s gives %s, which predict does not".formatted(route, name);
        }
      }
      return null;
    }

    private @Nullable Column shares(String target) {
      return expected.get(target + "_probabilities");
    }

    /** The rows of TensorFlow Serving. */
    private @Nullable String rows() {
      asked.add("kserve");
      Http.Answer answer = http.post(path + ":predict", body().toString());
      return answer.status() == 200
          ? difference("another path", columns(answer.json().get("predictions")))
          : "another path answers " + answer;
    }

    /** Its columnar form. */
    private @Nullable String columnar() {
      asked.add("columnar");
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      ObjectNode inputs = body.putObject("inputs");
      for (String column : instances.getFirst().propertyNames()) {
        ArrayNode values = inputs.putArray(column);
        instances.forEach(instance -> values.add(instance.get(column)));
      }
      Http.Answer answer = http.post(path + ":predict", body.toString());
      return answer.status() == 200
          ? difference("the columnar form", tensors(answer.json().get("outputs")))
          : "the columnar form answers %s to %s".formatted(answer, body);
    }

    private Map<String, Column> tensors(JsonNode outputs) {
      Map<String, Column> columns = new LinkedHashMap<>();
      if (outputs.isArray()) {
        // The only output has no name there.
        String only = expected.keySet().iterator().next();
        columns.put(only, column(only, outputs.valueStream().toList()));
      }
      for (var output : outputs.properties()) {
        List<JsonNode> rows = output.getValue().valueStream().toList();
        columns.put(output.getKey(), column(output.getKey(), rows));
      }
      return columns;
    }

    private Column column(String output, List<JsonNode> rows) {
      Column own = new Column();
      for (JsonNode row : rows) {
        put(own, row, isLabel(output));
      }
      return own;
    }

    private boolean isLabel(String output) {
      return isClass(targets.path(output));
    }

    private static void put(Column own, JsonNode row, boolean label) {
      if (label) {
        own.labels().add(row.isArray() ? row.get(0).asString("") : row.asString(""));
      } else {
        own.numbers().add(HeadAnswers.flat(row));
      }
    }

    /** Arrays of the outputs, and of the only input where it can be one. */
    private @Nullable String array() {
      String fault = answeredAsArray("application/json", Http.utf8(body().toString()));
      HostTensor rows = rowsAsArray();
      if (fault != null || rows == null) {
        return fault;
      }
      fault = answeredAsArray(NPY, Npy.write(rows));
      return fault != null ? fault : array(rows);
    }

    private @Nullable String answeredAsArray(String type, byte[] body) {
      for (var target : targets.properties()) {
        Http.Answer answer =
            http.send(
                "POST",
                path + "/predict?output=" + target.getValue().path("output").asString(""),
                body,
                "Content-Type",
                type,
                "Accept",
                NPY);
        if (answer.status() != 200) {
          return "as an array it answers %s to %s".formatted(answer, type);
        }
        String difference = array(target.getKey(), Npy.read(answer.bytes()));
        if (difference != null) {
          return "an array gives another %s: %s".formatted(target.getKey(), difference);
        }
      }
      return null;
    }

    private @Nullable String array(HostTensor rows) {
      asked.add("npy");
      Http.Answer answer = http.post(path + "/predict", NPY, Npy.write(rows));
      return answer.status() == 200
          ? difference("an array answered in JSON", columns(answer.json().get("predictions")))
          : refusal("an array answers ", answer.toString());
    }

    /** Numbers only: classes are answered as the network's own outputs. */
    private @Nullable String array(String target, HostTensor output) {
      Column own = Objects.requireNonNull(expected.get(target));
      if (own.numbers().isEmpty() || expected.containsKey(target + "_std")) {
        return null;
      }
      int width = own.numbers().getFirst().length;
      if (output.shape().elements() != (long) width * instances.size()) {
        return "%s, expected %d numbers a row".formatted(output.shape(), width);
      }
      Column got = new Column();
      for (int i = 0; i < instances.size(); i++) {
        double[] row = new double[width];
        for (int j = 0; j < width; j++) {
          row[j] = output.doubleAt((long) i * width + j);
        }
        got.numbers().add(row);
      }
      asked.add("npy answer");
      return differing(own, got, null);
    }

    /** The rows as an array; null where they are not the numbers that the network computes with. */
    private @Nullable HostTensor rowsAsArray() {
      JsonNode inputs = stored.at("/encoding/inputs");
      JsonNode input = inputs.size() == 1 ? inputs.iterator().next() : inputs.path("");
      JsonNode columns = input.path("columns");
      JsonNode shape = columns.path(0).path("shape");
      if (columns.isEmpty()
          || input.has("layout")
          || (columns.size() > 1 && !shape.isEmpty())
          || !columns.valueStream().allMatch(Version::isNumber)) {
        return null;
      }
      List<Double> numbers = new ArrayList<>();
      int length = input.at("/window/length").asInt(0);
      for (ObjectNode instance : instances) {
        for (int step = 0; step < Math.max(1, length); step++) {
          for (JsonNode column : columns) {
            JsonNode value = instance.get(column.get("column").stringValue());
            List<JsonNode> leaves = new ArrayList<>();
            leaves(length == 0 ? value : value.get(step), leaves);
            for (JsonNode leaf : leaves) {
              double number = number(column, leaf);
              if (number < 0 && column.has("categories")) {
                return null;
              }
              numbers.add(number);
            }
          }
        }
      }
      List<Integer> dims = new ArrayList<>(List.of(instances.size()));
      if (length > 0) {
        dims.add(length);
      }
      if (shape.isEmpty()) {
        dims.add(columns.size());
      }
      shape.forEach(axis -> dims.add(axis.intValue()));
      return HostTensor.ofDoubles(
          new Shape(dims), numbers.stream().mapToDouble(each -> each).toArray());
    }

    /**
     * Whether the network computes with the column's numbers, or with the indices of its labels.
     */
    private static boolean isNumber(JsonNode column) {
      String type = column.path("type").asString("");
      return column.has("categories")
          ? column.path("encode").asString("").equals("index")
              && !column.path("unknown").asString("").equals("index")
              && !column.has("missing")
          : !column.has("features")
              && (column.has("shape") || Set.of("number", "integer").contains(type));
    }

    /** NaN for what is missing; −1 for a label that is no category. */
    private static double number(JsonNode column, JsonNode leaf) {
      if (!column.has("categories")) {
        return leaf.isNumber() ? leaf.doubleValue() : Double.NaN;
      }
      return column
          .get("categories")
          .valueStream()
          .map(JsonNode::asString)
          .toList()
          .indexOf(leaf.asString(""));
    }

    /** The inference protocol: JSON, binary tensors and gRPC. */
    private @Nullable String inferred() {
      JsonNode metadata = http.get(inferPath).expect(200).json();
      List<Sent> sent = sent(metadata);
      String fault = inferredAsJson(metadata, sent);
      if (sent.stream().anyMatch(Sent::lacksText)) {
        return fault;
      }
      fault = fault != null ? fault : inferredAsBinary(metadata, sent, true);
      fault = fault != null ? fault : inferredAsBinary(metadata, sent, false);
      fault = fault != null ? fault : inferredOverGrpc(metadata, sent, true);
      return fault != null ? fault : inferredOverGrpc(metadata, sent, false);
    }

    private List<Sent> sent(JsonNode metadata) {
      return metadata.get("inputs").valueStream().map(Sent::new).toList();
    }

    private static void leaves(JsonNode value, List<JsonNode> leaves) {
      if (value.isArray()) {
        value.forEach(each -> leaves(each, leaves));
      } else {
        leaves.add(value);
      }
    }

    /** A column as a tensor of the advertised type and shape. */
    private final class Sent {
      private final String name;
      private final String advertised;
      private final List<Integer> shape = new ArrayList<>();
      private final List<JsonNode> values = new ArrayList<>();

      Sent(JsonNode described) {
        name = described.get("name").stringValue();
        advertised = described.get("datatype").stringValue();
        for (JsonNode axis : described.get("shape")) {
          shape.add(axis.intValue() == -1 ? instances.size() : axis.intValue());
        }
        // A column may be without its axis of length 1.
        if (shape.size() == 2 && shape.get(1) == 1 && instances.size() % 2 == 0) {
          shape.removeLast();
        }
        for (ObjectNode instance : instances) {
          leaves(instance.path(name), values);
        }
      }

      private boolean lacks() {
        return values.stream().anyMatch(JsonNode::isNull);
      }

      /** Only floats have a value for what is missing. */
      boolean lacksText() {
        return lacks() && List.of("BYTES", "BOOL").contains(advertised);
      }

      /** The type of a tensor in JSON, which has nulls. */
      String jsonType() {
        return narrow && List.of("FP64", "INT64").contains(advertised) ? "FP32" : advertised;
      }

      String type() {
        return jsonType().equals("INT64") && lacks() ? "FP64" : jsonType();
      }

      ObjectNode described(String type) {
        ObjectNode tensor = JsonNodeFactory.instance.objectNode();
        tensor.put("name", name).put("datatype", type);
        shape.forEach(tensor.putArray("shape")::add);
        return tensor;
      }

      byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        values.forEach(value -> all.writeBytes(bytes(value)));
        return all.toByteArray();
      }

      private byte[] bytes(JsonNode value) {
        ByteBuffer buffer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        switch (type()) {
          case "FP64" -> buffer.putDouble(float64(value));
          case "FP32" -> buffer.putFloat((float) float64(value));
          case "INT64" -> buffer.putLong(value.longValue());
          case "INT32" -> buffer.putInt(value.intValue());
          case "BOOL" -> buffer.put((byte) (value.booleanValue() ? 1 : 0));
          default -> {
            byte[] text = Http.utf8(value.asString(""));
            return ByteBuffer.allocate(4 + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(text.length)
                .put(text)
                .array();
          }
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
      }

      private static double float64(JsonNode value) {
        return value.isNull() ? Double.NaN : value.doubleValue();
      }

      InferTensorContents contents() {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (JsonNode value : values) {
          switch (type()) {
            case "FP64" -> contents.addFp64Contents(float64(value));
            case "FP32" -> contents.addFp32Contents((float) float64(value));
            case "INT64" -> contents.addInt64Contents(value.longValue());
            case "INT32" -> contents.addIntContents(value.intValue());
            case "BOOL" -> contents.addBoolContents(value.booleanValue());
            default -> contents.addBytesContents(ByteString.copyFromUtf8(value.asString("")));
          }
        }
        return contents.build();
      }
    }

    private @Nullable String inferredAsJson(JsonNode metadata, List<Sent> sent) {
      asked.add("rest false");
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      for (Sent each : sent) {
        ObjectNode tensor = each.described(each.jsonType());
        each.values.forEach(tensor.putArray("data")::add);
        body.withArrayProperty("inputs").add(tensor);
      }
      Http.Answer answer = http.post(inferPath + "/infer", body.toString());
      if (answer.status() != 200) {
        return refusal("infer of %s answers ".formatted(body), answer.toString());
      }
      return inferredInJson("infer", metadata, answer);
    }

    private @Nullable String inferredInJson(String route, JsonNode metadata, Http.Answer answer) {
      Map<String, Column> columns = new LinkedHashMap<>();
      for (JsonNode output : answer.json().get("outputs")) {
        List<JsonNode> values = output.get("data").valueStream().toList();
        columns.put(name(output), column(output, values));
      }
      String fault = undescribed(outputs(metadata), answer.json().get("outputs"));
      return fault != null ? fault : difference(route, columns);
    }

    private static String name(JsonNode output) {
      return output.get("name").stringValue();
    }

    private Column column(JsonNode output, List<JsonNode> values) {
      Column column = new Column();
      int width = values.size() / instances.size();
      for (int i = 0; i < instances.size(); i++) {
        ArrayNode row = JsonNodeFactory.instance.arrayNode();
        values.subList(i * width, (i + 1) * width).forEach(row::add);
        put(column, row, isLabel(name(output)));
      }
      return column;
    }

    private static List<JsonNode> outputs(JsonNode metadata) {
      return metadata.get("outputs").valueStream().toList();
    }

    /** Whether the outputs have the names, types and shapes that the metadata says. */
    private @Nullable String undescribed(List<JsonNode> described, JsonNode outputs) {
      if (described.size() != outputs.size()) {
        return "metadata says %s, infer gives %s".formatted(described, outputs);
      }
      for (int i = 0; i < outputs.size(); i++) {
        JsonNode said = described.get(i);
        JsonNode given = outputs.get(i);
        boolean same =
            said.get("name").equals(given.get("name"))
                && said.get("datatype").equals(given.get("datatype"))
                && said.get("shape").size() == given.get("shape").size();
        for (int axis = 0; same && axis < given.get("shape").size(); axis++) {
          int length = said.get("shape").get(axis).intValue();
          int wanted = length == -1 && axis == 0 ? instances.size() : length;
          same = wanted == -1 || wanted == given.get("shape").get(axis).intValue();
        }
        if (!same) {
          return "metadata says %s, infer gives %s %s %s"
              .formatted(said, given.get("name"), given.get("datatype"), given.get("shape"));
        }
      }
      return null;
    }

    private @Nullable String inferredAsBinary(
        JsonNode metadata, List<Sent> sent, boolean answered) {
      asked.add("rest true");
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      if (answered) {
        body.putObject("parameters").put("binary_data_output", true);
      }
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      for (Sent each : sent) {
        byte[] bytes = each.bytes();
        ObjectNode tensor = each.described(each.type());
        tensor.putObject("parameters").put("binary_data_size", bytes.length);
        body.withArrayProperty("inputs").add(tensor);
        data.writeBytes(bytes);
      }
      byte[] head = Http.utf8(body.toString());
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.writeBytes(head);
      whole.writeBytes(data.toByteArray());
      Http.Answer answer =
          http.send(
              "POST",
              inferPath + "/infer",
              whole.toByteArray(),
              "Content-Type",
              "application/octet-stream",
              "Inference-Header-Content-Length",
              String.valueOf(head.length));
      if (answer.status() != 200) {
        return refusal("infer of binary tensors of %s answers ".formatted(body), answer.toString());
      }
      if (!answered) {
        return inferredInJson("infer of binary tensors", metadata, answer);
      }
      int length = Integer.parseInt(answer.header("Inference-Header-Content-Length"));
      JsonNode outputs =
          StrictJson.parse(new String(answer.bytes(), 0, length, StandardCharsets.UTF_8))
              .get("outputs");
      ByteBuffer rest =
          ByteBuffer.wrap(answer.bytes(), length, answer.bytes().length - length)
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN);
      Map<String, Column> columns = new LinkedHashMap<>();
      for (JsonNode output : outputs) {
        int size = output.at("/parameters/binary_data_size").intValue();
        ByteBuffer own = rest.slice(rest.position(), size).order(ByteOrder.LITTLE_ENDIAN);
        rest.position(rest.position() + size);
        columns.put(name(output), column(output, read(own, output.get("datatype").stringValue())));
      }
      String fault = undescribed(outputs(metadata), outputs);
      return fault != null ? fault : difference("infer with binary tensors", columns);
    }

    private static List<JsonNode> read(ByteBuffer bytes, String type) {
      JsonNodeFactory json = JsonNodeFactory.instance;
      List<JsonNode> values = new ArrayList<>();
      while (bytes.hasRemaining()) {
        values.add(
            switch (type) {
              case "FP32" -> number(bytes.getFloat());
              case "FP64" -> number(bytes.getDouble());
              case "INT64" -> json.numberNode(bytes.getLong());
              case "BOOL" -> json.booleanNode(bytes.get() != 0);
              default -> {
                byte[] text = new byte[bytes.getInt()];
                bytes.get(text);
                yield json.stringNode(new String(text, StandardCharsets.UTF_8));
              }
            });
      }
      return values;
    }

    private static JsonNode number(double value) {
      return Double.isFinite(value)
          ? JsonNodeFactory.instance.numberNode(value)
          : JsonNodeFactory.instance.stringNode(String.valueOf(value));
    }

    /**
     * With tensors of bytes or of typed contents; the latter asks for the outputs in reverse, and
     * gets them so.
     */
    private @Nullable String inferredOverGrpc(JsonNode metadata, List<Sent> sent, boolean raw) {
      asked.add("grpc " + raw);
      var inputs =
          grpc.modelMetadata(
                  ModelMetadataRequest.newBuilder().setName(model).setVersion(version).build())
              .getInputsList();
      ModelInferRequest.Builder request =
          ModelInferRequest.newBuilder().setModelName(model).setModelVersion(version);
      for (int i = 0; i < sent.size(); i++) {
        Sent each = sent.get(i);
        if (!inputs.get(i).getName().equals(each.name)
            || !inputs.get(i).getDatatype().equals(each.advertised)) {
          return "gRPC describes " + inputs;
        }
        InferInputTensor.Builder tensor =
            InferInputTensor.newBuilder().setName(each.name).setDatatype(each.type());
        each.shape.forEach(tensor::addShape);
        if (raw) {
          request.addRawInputContents(ByteString.copyFrom(each.bytes()));
        } else {
          tensor.setContents(each.contents());
        }
        request.addInputs(tensor);
      }
      List<JsonNode> described = outputs(metadata);
      if (!raw) {
        described = described.reversed();
        described.forEach(
            output ->
                request.addOutputs(InferRequestedOutputTensor.newBuilder().setName(name(output))));
      }
      ModelInferResponse answer;
      try {
        answer = grpc.modelInfer(request.build());
      } catch (StatusRuntimeException e) {
        return refusal("gRPC answers ", String.valueOf(e.getMessage()));
      }
      ArrayNode outputs = JsonNodeFactory.instance.arrayNode();
      Map<String, Column> columns = new LinkedHashMap<>();
      for (int i = 0; i < answer.getOutputsCount(); i++) {
        var output = answer.getOutputs(i);
        ObjectNode own = outputs.addObject();
        own.put("name", output.getName()).put("datatype", output.getDatatype());
        output.getShapeList().forEach(own.putArray("shape")::add);
        columns.put(
            output.getName(),
            column(
                own,
                raw
                    ? read(
                        answer
                            .getRawOutputContents(i)
                            .asReadOnlyByteBuffer()
                            .order(ByteOrder.LITTLE_ENDIAN),
                        output.getDatatype())
                    : read(output.getContents())));
      }
      String fault = undescribed(described, outputs);
      return fault != null ? "over gRPC " + fault : difference("gRPC", columns);
    }

    private static List<JsonNode> read(InferTensorContents contents) {
      JsonNodeFactory json = JsonNodeFactory.instance;
      List<JsonNode> values = new ArrayList<>();
      contents.getFp32ContentsList().forEach(each -> values.add(number(each)));
      contents.getFp64ContentsList().forEach(each -> values.add(number(each)));
      contents.getInt64ContentsList().forEach(each -> values.add(json.numberNode(each)));
      contents.getBoolContentsList().forEach(each -> values.add(json.booleanNode(each)));
      contents
          .getBytesContentsList()
          .forEach(each -> values.add(json.stringNode(each.toStringUtf8())));
      return values;
    }

    /** With a window, rows without enough rows before them are left out. */
    @Nullable String batchFault(String dataset, List<Integer> places) {
      asked.add("batch");
      String result = model + "-result";
      JsonNode job =
          http.await(
              http.post(
                      "/v1/batch-predictions",
                      "{\"model\": \"%s\", \"dataset\": {\"name\": \"%s\"}, \"result\": {\"dataset\": \"%s\"}}"
                          .formatted(model, dataset, result))
                  .expect(202)
                  .location());
      if (!job.get("state").stringValue().equals("succeeded")) {
        return "its rows were not predicted: " + job;
      }
      JsonNode rows =
          http.job("/v1/datasets/%s/versions/latest/rows?page_size=500".formatted(result))
              .get("rows");
      int first =
          http.job("/v1/datasets/" + dataset + "/versions/latest").get("rows").intValue()
              - rows.size();
      Map<String, Column> columns = new LinkedHashMap<>();
      for (int place : places) {
        for (var target : targets.properties()) {
          put(columns, target.getKey(), target.getValue(), rows.get(place - first));
        }
      }
      return difference("a batch prediction", columns);
    }

    private void put(Map<String, Column> columns, String name, JsonNode target, JsonNode row) {
      String own = "predicted_" + name;
      if (isClass(target)) {
        columns.computeIfAbsent(name, _ -> new Column()).labels().add(row.get(own).asString(""));
        put(
            columns,
            name + "_probabilities",
            row,
            target
                .get("classes")
                .valueStream()
                .map(label -> own + "_probability_" + label.asString(""))
                .toList());
        put(columns, name + "_uncertainty", row, List.of(own + "_std"));
        if (row.path(own + "_set").isString()) {
          List<String> labels = new ArrayList<>();
          StrictJson.parse(row.get(own + "_set").stringValue())
              .forEach(label -> labels.add(label.asString("")));
          columns
              .computeIfAbsent(name + "_set", _ -> new Column())
              .numbers()
              .add(members(target, labels, row.get(own)));
        }
        return;
      }
      JsonNode input = input(target);
      List<String> of = names(target.has("input") ? input : target.path("values"));
      boolean bare = target.has("input") ? input.has("window") : of.size() == 1;
      List<String> cells = bare ? List.of(own) : of.stream().map(each -> own + "_" + each).toList();
      put(columns, name, row, cells);
      String std = name + (expected.containsKey(name + "_std") ? "_std" : "_uncertainty");
      put(columns, std, row, cells.stream().map(each -> each + "_std").toList());
      put(
          columns,
          name + "_uncertainty",
          row,
          cells.stream().map(each -> each + "_uncertainty").toList());
    }

    private static void put(
        Map<String, Column> columns, String name, JsonNode row, List<String> cells) {
      if (row.has(cells.getFirst())) {
        columns
            .computeIfAbsent(name, _ -> new Column())
            .numbers()
            .add(
                cells.stream()
                    .flatMapToDouble(cell -> Arrays.stream(HeadAnswers.flat(row.get(cell))))
                    .toArray());
      }
    }

    /** Exports the network, imports the file with the version's encoding, and asks that. */
    private @Nullable String exported() {
      Http.Answer file = http.get(storedPath + "/onnx");
      if (file.status() == 422) {
        return file.json().path("errors").isEmpty() && file.json().path("detail").isMissingNode()
            ? "the export is refused without a reason: " + file
            : null;
      }
      if (file.status() != 200) {
        return "the export answers " + file;
      }
      Multipart parts = new Multipart().part("onnx", file.bytes());
      if (!targets.isEmpty()) {
        ObjectNode spec = JsonNodeFactory.instance.objectNode();
        spec.set("inputs", stored.at("/spec/inputs"));
        spec.set("targets", stored.at("/spec/targets"));
        parts.part("spec", spec.toString()).part("encoding", stored.get("encoding").toString());
      }
      asked.add("onnx");
      String copy = model + "-onnx";
      Http.Answer imported = parts.post(http, "/v1/models/" + copy + "/versions");
      if (imported.status() != 201) {
        return "the exported network cannot be imported: " + imported;
      }
      String version = "/v1/models/%s/versions/%s".formatted(copy, imported.json().get("version"));
      Http.Answer described = http.get("/v2/models/" + copy);
      if (!described.text().contains("onnxruntime_onnx")) {
        return "the exported network is served as " + described;
      }
      Http.Answer answer = asked(version);
      if (answer.status() != 200) {
        return "the exported network answers " + answer;
      }
      Map<String, Column> got = columns(answer.json().get("predictions"));
      // The file is one network, whose members cannot be told apart.
      expected.forEach(
          (name, own) -> {
            if (name.endsWith("_uncertainty")) {
              got.putIfAbsent(name, own);
            }
          });
      return difference("the exported network", got);
    }
  }

  /** Whether two answers are of the same rows, as far as 32-bit outputs say; null when they are. */
  private @Nullable String differing(Column expected, Column got, @Nullable Column shares) {
    if (expected.labels().size() != got.labels().size()
        || expected.numbers().size() != got.numbers().size()) {
      return "%d rows, expected %d"
          .formatted(
              got.labels().size() + got.numbers().size(),
              expected.labels().size() + expected.numbers().size());
    }
    for (int row = 0; row < expected.labels().size(); row++) {
      boolean same = expected.labels().get(row).equals(got.labels().get(row));
      if (!same && (shares == null || !isNearlyTied(shares.numbers().get(row)))) {
        return "%s, expected %s".formatted(got.labels(), expected.labels());
      }
    }
    for (int row = 0; row < expected.numbers().size(); row++) {
      double[] wanted = expected.numbers().get(row);
      double[] given = got.numbers().get(row);
      boolean same = wanted.length == given.length;
      for (int i = 0; same && i < wanted.length; i++) {
        same = isClose(given[i], wanted[i]);
      }
      if (!same) {
        return "row %d is %s, expected %s"
            .formatted(row, Arrays.toString(given), Arrays.toString(wanted));
      }
    }
    return null;
  }

  private boolean isClose(double given, double wanted) {
    return Double.compare(given, wanted) == 0
        || Math.abs(given - wanted) <= precision * (Math.abs(wanted) + 0.1);
  }

  private static boolean isNearlyTied(double[] shares) {
    double[] sorted = shares.clone();
    Arrays.sort(sorted);
    return sorted.length > 1 && sorted[sorted.length - 1] - sorted[sorted.length - 2] < 1e-4;
  }
}

package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.grpc.RandomServed.Served;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import io.trainyard.grpc.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.trainyard.grpc.protocol.ModelInferResponse;
import io.trainyard.grpc.protocol.ModelInferResponse.InferOutputTensor;
import io.trainyard.grpc.protocol.ModelMetadataRequest;
import io.trainyard.grpc.protocol.ModelMetadataResponse.TensorMetadata;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks one model for the same rows on every route, and compares all answers with those of {@code
 * /predict}: each output by its name in the inference protocol, its elements row by row. Numbers
 * may differ by 1e-5 of their size and 1e-6.
 */
final class Routes {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Http http;
  private final GRPCInferenceServiceBlockingStub grpc;
  private final Served served;
  private final String model;
  private final JsonNode version;
  private final JsonNode metadata;
  private final int rows;
  private final Map<String, List<Object>> expected;

  /** The type that numbers are sent in; null: the one that is advertised. */
  private @Nullable String numbers;

  /** What the routes were, to see that all were asked. */
  private final List<String> asked = new ArrayList<>();

  /** A route that may refuse. */
  private interface Route {
    Map<String, List<Object>> answer();
  }

  Routes(Http http, GRPCInferenceServiceBlockingStub grpc, Served served) {
    this.http = http;
    this.grpc = grpc;
    this.served = served;
    this.model = served.model();
    this.version = http.get("/v1/models/" + model + "/versions/1").expect(200).json();
    this.metadata = http.get("/v2/models/" + model).expect(200).json();
    this.rows = served.instances().size();
    this.expected = predict("/v1/models/" + model + "/predict");
  }

  List<String> compareAll() {
    compare("metadata", expected, names());
    compare("kserve", predict("/v1/models/" + model + ":predict"), expected);
    compare("columnar", columnar(), expected);
    for (boolean raw : new boolean[] {false, true}) {
      compare("rest " + raw, rest(raw), expected);
      compare("grpc " + raw, grpc(raw), expected);
    }
    HostTensor array = array();
    if (array != null) {
      compare("npy", npy(array), expected);
    }
    compareArrayAnswer();
    if (!served.table().isEmpty()) {
      compareBatch();
    }
    compareExport();
    new Routes(http, grpc, served.rounded()).compareNarrow(asked);
    return asked;
  }

  /** Numbers in 32-bit floats: all routes refuse them, or all answer the rounded rows. */
  private void compareNarrow(List<String> seen) {
    numbers = "FP32";
    HostTensor array = array();
    List<Route> routes =
        new ArrayList<>(
            List.of(() -> rest(false), () -> rest(true), () -> grpc(false), () -> grpc(true)));
    if (array != null) {
      routes.add(() -> npy(narrowed(array)));
    }
    Boolean answered = null;
    for (Route route : routes) {
      boolean own;
      try {
        compare("narrow", route.answer(), expected);
        own = true;
      } catch (Refused | StatusRuntimeException e) {
        own = false;
        assertThat(e.getMessage()).contains("send");
      }
      assertThat(answered == null || answered == own)
          .as("%s of %s: %s", routes.indexOf(route), model, served.instances())
          .isTrue();
      answered = own;
    }
    seen.add(answered != null && answered ? "narrow answered" : "narrow refused");
  }

  private static HostTensor narrowed(HostTensor array) {
    HostTensor floats = HostTensor.allocate(ElementType.FLOAT32, array.shape());
    for (int i = 0; i < array.shape().elements(); i++) {
      floats.setFloat(i, (float) array.doubleAt(i));
    }
    return floats;
  }

  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(Answer answer) {
      super(answer.text());
    }
  }

  /** The answer, or a refusal as such. */
  private static Answer answered(Answer answer) {
    if (answer.status() == 400 || answer.status() == 422) {
      throw new Refused(answer);
    }
    return answer.expect(200);
  }

  private Map<String, List<Object>> names() {
    Map<String, List<Object>> names = new LinkedHashMap<>();
    for (JsonNode output : metadata.get("outputs")) {
      String name = output.get("name").stringValue();
      List<Object> values = expected.get(name);
      long elements = rows;
      for (int axis = 1; axis < output.get("shape").size(); axis++) {
        elements *= output.get("shape").get(axis).longValue();
      }
      assertThat(values).as("%s of %s", name, model).hasSize((int) elements);
      names.put(name, values);
    }
    return names;
  }

  private void compare(
      String route, Map<String, List<Object>> given, Map<String, List<Object>> wanted) {
    asked.add(route);
    String told = "%s of %s: %s".formatted(route, model, served.instances());
    assertThat(given.keySet()).as(told).isEqualTo(wanted.keySet());
    wanted.forEach((name, values) -> compare(told + ": " + name, given.get(name), values));
  }

  private static void compare(String told, @Nullable List<Object> given, List<Object> wanted) {
    assertThat(given).as(told).hasSameSizeAs(wanted);
    for (int i = 0; given != null && i < wanted.size(); i++) {
      if (wanted.get(i) instanceof Double number && given.get(i) instanceof Double other) {
        boolean near = Math.abs(number - other) <= 1e-5 * Math.abs(number) + 1e-6;
        assertThat(near || number.equals(other))
            .as("%s, element %d: %s for %s", told, i, other, number)
            .isTrue();
      } else {
        assertThat(given.get(i)).as("%s, element %d", told, i).isEqualTo(wanted.get(i));
      }
    }
  }

  /** The leaves of nested lists: numbers as doubles, others as texts. */
  private static List<Object> leaves(JsonNode node) {
    List<Object> leaves = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(each -> leaves.addAll(leaves(each)));
    } else if (node.isNumber()) {
      leaves.add(node.doubleValue());
    } else if (node.isString() && isNumber(node.stringValue())) {
      leaves.add(Double.valueOf(node.stringValue()));
    } else {
      leaves.add(node.isNull() ? Double.NaN : node.asString());
    }
    return leaves;
  }

  private static boolean isNumber(String text) {
    return text.equals("NaN") || text.endsWith("Infinity");
  }

  private Map<String, List<Object>> predict(String path) {
    ObjectNode body = JSON.objectNode();
    served.instances().forEach(body.putArray("instances")::add);
    return canonical(http.post(path, body.toString()).expect(200).json().get("predictions"));
  }

  /** The predictions of {@code /predict} under the names of the inference protocol. */
  private Map<String, List<Object>> canonical(JsonNode predictions) {
    Map<String, List<Object>> answer = new LinkedHashMap<>();
    JsonNode targets = version.at("/encoding/targets");
    if (targets.isMissingNode() || targets.isEmpty()) {
      for (JsonNode output : version.at("/spec/network/outputs")) {
        for (JsonNode row : predictions) {
          put(answer, output.stringValue(), leaves(row.get(output.stringValue())));
        }
      }
      return answer;
    }
    long classes =
        targets.properties().stream()
            .filter(target -> target.getValue().get("kind").stringValue().equals("class"))
            .count();
    for (Map.Entry<String, JsonNode> target : targets.properties()) {
      for (JsonNode row : predictions) {
        putTarget(answer, target.getKey(), target.getValue(), row, classes > 1);
      }
    }
    return answer;
  }

  private static void put(
      Map<String, List<Object>> answer, String name, List<? extends Object> more) {
    answer.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(more);
  }

  private void putTarget(
      Map<String, List<Object>> answer,
      String name,
      JsonNode target,
      JsonNode row,
      boolean severalClasses) {
    switch (target.get("kind").stringValue()) {
      case "class" -> {
        JsonNode shares = row.get("probabilities");
        JsonNode own = severalClasses ? shares.get(name) : shares;
        put(answer, name, List.of(row.get(name).asString()));
        List<Object> numbers = new ArrayList<>();
        target
            .get("classes")
            .forEach(label -> numbers.add(own.get(label.asString()).doubleValue()));
        put(answer, name + "_probabilities", numbers);
      }
      case "number" -> {
        JsonNode columns = target.at("/values/columns");
        put(answer, name, byColumn(row.get(name), columns, 0));
        if (row.has("std")) {
          put(answer, name + "_std", byColumn(row.at("/std/" + name), columns, 0));
        }
      }
      default -> {
        JsonNode input = version.at("/encoding/inputs/" + target.get("input").stringValue());
        int window = input.at("/window/length").asInt(0);
        JsonNode columns = input.get("columns");
        put(answer, name, byColumn(row.get(name), columns, window == 0 ? -1 : window));
      }
    }
  }

  /**
   * The numbers of a target in the order of its tensor.
   *
   * @param window 0 for a target of its own, whose only column is told bare; −1 for an input
   */
  private static List<Object> byColumn(JsonNode value, JsonNode columns, int window) {
    if (window == 0 && columns.size() == 1) {
      return leaves(value);
    }
    List<Object> numbers = new ArrayList<>();
    for (int step = 0; step < Math.max(1, window); step++) {
      for (JsonNode column : columns) {
        JsonNode own = value.get(column.get("column").stringValue());
        numbers.addAll(leaves(window > 0 ? own.get(step) : own));
      }
    }
    return numbers;
  }

  private List<JsonNode> cells(String column) {
    List<JsonNode> cells = new ArrayList<>();
    for (ObjectNode instance : served.instances()) {
      cells.add(instance.get(column));
    }
    return cells;
  }

  private static void addLeaves(JsonNode node, List<JsonNode> leaves) {
    if (node.isArray()) {
      node.forEach(each -> addLeaves(each, leaves));
    } else {
      leaves.add(node);
    }
  }

  private List<JsonNode> leaves(String column) {
    List<JsonNode> leaves = new ArrayList<>();
    cells(column).forEach(cell -> addLeaves(cell, leaves));
    return leaves;
  }

  private List<Long> shape(JsonNode input) {
    List<Long> shape = new ArrayList<>();
    input.get("shape").forEach(axis -> shape.add(axis.longValue()));
    shape.set(0, (long) rows);
    // A column may be without its axis of length 1.
    if (shape.size() == 2 && shape.get(1) == 1 && rows % 2 == 0) {
      shape.removeLast();
    }
    return shape;
  }

  private Map<String, List<Object>> columnar() {
    ObjectNode body = JSON.objectNode();
    ObjectNode inputs = body.putObject("inputs");
    metadata
        .get("inputs")
        .findValuesAsString("name")
        .forEach(name -> cells(name).forEach(inputs.withArrayProperty(name)::add));
    JsonNode outputs =
        http.post("/v1/models/" + model + ":predict", body.toString())
            .expect(200)
            .json()
            .get("outputs");
    Map<String, List<Object>> answer = new LinkedHashMap<>();
    if (outputs.isArray()) {
      answer.put(metadata.at("/outputs/0/name").stringValue(), leaves(outputs));
    } else {
      outputs.properties().forEach(each -> answer.put(each.getKey(), leaves(each.getValue())));
    }
    return answer;
  }

  /** The bytes of a tensor; NaN for what is missing, which whole numbers do not have. */
  private static ByteString bytes(String type, List<JsonNode> leaves) {
    ByteBuffer bytes = ByteBuffer.allocate(64 * leaves.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (JsonNode leaf : leaves) {
      switch (type) {
        case "FP32" -> bytes.putFloat(leaf.isNull() ? Float.NaN : (float) leaf.doubleValue());
        case "FP64" -> bytes.putDouble(leaf.isNull() ? Double.NaN : leaf.doubleValue());
        case "INT64" -> bytes.putLong(leaf.longValue());
        case "BOOL" -> bytes.put((byte) (leaf.booleanValue() ? 1 : 0));
        default -> {
          byte[] utf8 = leaf.stringValue().getBytes(StandardCharsets.UTF_8);
          bytes.putInt(utf8.length).put(utf8);
        }
      }
    }
    return ByteString.copyFrom(bytes.flip());
  }

  private String sent(String type, List<JsonNode> leaves) {
    if (numbers != null && (type.equals("FP64") || type.equals("INT64"))) {
      return numbers;
    }
    return type.equals("INT64") && leaves.stream().anyMatch(JsonNode::isNull) ? "FP64" : type;
  }

  private Map<String, List<Object>> rest(boolean raw) {
    ObjectNode body = JSON.objectNode();
    ArrayNode inputs = body.putArray("inputs");
    ByteString behind = ByteString.EMPTY;
    for (JsonNode input : metadata.get("inputs")) {
      String name = input.get("name").stringValue();
      List<JsonNode> leaves = leaves(name);
      String type = input.get("datatype").stringValue();
      ObjectNode tensor = inputs.addObject().put("name", name);
      shape(input).forEach(tensor.putArray("shape")::add);
      if (raw) {
        type = sent(type, leaves);
        ByteString own = bytes(type, leaves);
        tensor.putObject("parameters").put("binary_data_size", own.size());
        behind = behind.concat(own);
      } else {
        type = numbers == null ? type : sent(type, leaves);
        leaves.forEach(tensor.putArray("data")::add);
      }
      tensor.put("datatype", type);
    }
    byte[] json = Http.utf8(body.toString());
    Answer answer =
        answered(
            http.send(
                "POST",
                "/v2/models/" + model + "/infer",
                ByteString.copyFrom(json).concat(behind).toByteArray(),
                "Inference-Header-Content-Length",
                String.valueOf(json.length)));
    Map<String, List<Object>> outputs = new LinkedHashMap<>();
    for (JsonNode output : answer.json().get("outputs")) {
      outputs.put(output.get("name").stringValue(), leaves(output.get("data")));
      JsonNode described =
          metadata
              .get("outputs")
              .valueStream()
              .filter(each -> each.get("name").equals(output.get("name")))
              .findFirst()
              .orElseThrow();
      assertThat(output.get("datatype")).isEqualTo(described.get("datatype"));
      ArrayNode shape = (ArrayNode) described.get("shape").deepCopy();
      assertThat(output.get("shape").toString())
          .as("%s of %s", output.get("name"), model)
          .isEqualTo(shape.set(0, JSON.numberNode(rows)).toString());
    }
    return outputs;
  }

  private static InferTensorContents contents(String type, List<JsonNode> leaves) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    for (JsonNode leaf : leaves) {
      switch (type) {
        case "FP32" ->
            contents.addFp32Contents(leaf.isNull() ? Float.NaN : (float) leaf.doubleValue());
        case "FP64" -> contents.addFp64Contents(leaf.isNull() ? Double.NaN : leaf.doubleValue());
        case "INT64" -> contents.addInt64Contents(leaf.longValue());
        case "BOOL" -> contents.addBoolContents(leaf.booleanValue());
        default -> contents.addBytesContents(ByteString.copyFromUtf8(leaf.stringValue()));
      }
    }
    return contents.build();
  }

  private Map<String, List<Object>> grpc(boolean raw) {
    var described = grpc.modelMetadata(ModelMetadataRequest.newBuilder().setName(model).build());
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
    int at = 0;
    for (JsonNode input : metadata.get("inputs")) {
      TensorMetadata own = described.getInputs(at++);
      assertThat(own.getDatatype()).isEqualTo(input.get("datatype").stringValue());
      List<JsonNode> leaves = leaves(own.getName());
      String type = sent(own.getDatatype(), leaves);
      InferInputTensor.Builder tensor =
          InferInputTensor.newBuilder()
              .setName(own.getName())
              .setDatatype(type)
              .addAllShape(shape(input));
      if (raw) {
        request.addRawInputContents(bytes(type, leaves));
      } else {
        tensor.setContents(contents(type, leaves));
      }
      request.addInputs(tensor);
    }
    // Asked for in another order, they come in that order.
    List<TensorMetadata> wanted = new ArrayList<>(described.getOutputsList()).reversed();
    wanted.forEach(
        output ->
            request.addOutputs(InferRequestedOutputTensor.newBuilder().setName(output.getName())));
    ModelInferResponse answer = grpc.modelInfer(request.build());
    Map<String, List<Object>> outputs = new LinkedHashMap<>();
    for (int i = 0; i < answer.getOutputsCount(); i++) {
      InferOutputTensor output = answer.getOutputs(i);
      List<Long> shape = new ArrayList<>(wanted.get(i).getShapeList());
      shape.set(0, (long) rows);
      assertThat(output.getName()).isEqualTo(wanted.get(i).getName());
      assertThat(output.getShapeList()).as(model).isEqualTo(shape);
      assertThat(output.getDatatype()).isEqualTo(wanted.get(i).getDatatype());
      outputs.put(
          output.getName(),
          raw
              ? read(output.getDatatype(), answer.getRawOutputContents(i))
              : read(output.getContents()));
    }
    return outputs;
  }

  private static List<Object> read(InferTensorContents contents) {
    List<Object> values = new ArrayList<>();
    contents.getFp32ContentsList().forEach(each -> values.add((double) each));
    contents.getBytesContentsList().forEach(each -> values.add(each.toStringUtf8()));
    return values;
  }

  private static List<Object> read(String type, ByteString raw) {
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<Object> values = new ArrayList<>();
    while (bytes.hasRemaining()) {
      if (type.equals("FP32")) {
        values.add((double) bytes.getFloat());
      } else {
        byte[] utf8 = new byte[bytes.getInt()];
        bytes.get(utf8);
        values.add(new String(utf8, StandardCharsets.UTF_8));
      }
    }
    return values;
  }

  /** The instances as one array; null for a model that none can hold. */
  private @Nullable HostTensor array() {
    JsonNode inputs = version.at("/encoding/inputs");
    if (inputs.size() != 1) {
      return null;
    }
    JsonNode input = inputs.iterator().next();
    List<Double> elements = new ArrayList<>();
    for (ObjectNode instance : served.instances()) {
      int steps = input.at("/window/length").asInt(1);
      for (int step = 0; step < steps; step++) {
        for (JsonNode column : input.get("columns")) {
          JsonNode cell = instance.get(column.get("column").stringValue());
          List<Object> own = leaves(input.has("window") ? cell.get(step) : cell);
          for (Object leaf : own) {
            elements.add(
                leaf instanceof Double number ? number : index(column.get("categories"), leaf));
          }
        }
      }
    }
    List<Integer> shape = new ArrayList<>(List.of(rows));
    JsonNode first = input.at("/columns/0");
    if (input.has("window")) {
      shape.add(input.at("/window/length").intValue());
    }
    if (first.has("shape")) {
      first.get("shape").forEach(axis -> shape.add(axis.intValue()));
    } else {
      shape.add(input.get("columns").size());
    }
    HostTensor array = HostTensor.allocate(ElementType.FLOAT64, new Shape(shape));
    for (int i = 0; i < elements.size(); i++) {
      array.setDouble(i, elements.get(i));
    }
    return array;
  }

  private static double index(JsonNode categories, Object label) {
    for (int i = 0; i < categories.size(); i++) {
      if (categories.get(i).asString().equals(label)) {
        return i;
      }
    }
    throw new IllegalArgumentException(label + " is none of " + categories);
  }

  private Map<String, List<Object>> npy(HostTensor array) {
    return canonical(
        answered(
                http.post(
                    "/v1/models/" + model + "/predict", "application/x-npy", Npy.write(array)))
            .json()
            .get("predictions"));
  }

  /** An array answers each network output, in the unit of its target. */
  private void compareArrayAnswer() {
    ObjectNode body = JSON.objectNode();
    served.instances().forEach(body.putArray("instances")::add);
    JsonNode targets = version.at("/encoding/targets");
    for (Map.Entry<String, JsonNode> target : targets.properties()) {
      HostTensor array =
          Npy.read(
              http.send(
                      "POST",
                      "/v1/models/%s/predict?output=%s"
                          .formatted(model, target.getValue().get("output").stringValue()),
                      Http.utf8(body.toString()),
                      "Content-Type",
                      "application/json",
                      "Accept",
                      "application/x-npy")
                  .expect(200)
                  .bytes());
      String name = target.getKey();
      boolean plain =
          !expected.containsKey(name + "_probabilities") && !expected.containsKey(name + "_std");
      if (plain) {
        List<Object> numbers = new ArrayList<>();
        for (float each : array.toFloats()) {
          numbers.add((double) each);
        }
        asked.add("npy answer");
        compare("npy answer of " + model, numbers, expected.getOrDefault(name, List.of()));
      }
    }
  }

  private void compareBatch() {
    String result = model + "-result";
    JsonNode job =
        http.await(
            http.post(
                    "/v1/batch-predictions",
                    "{\"model\": \"%s\", \"dataset\": {\"name\": \"%s\"}, \"result\": {\"dataset\": \"%s\"}}"
                        .formatted(model, RandomServed.TABLE, result))
                .expect(202)
                .location());
    assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
    JsonNode all =
        http.job("/v1/datasets/%s/versions/latest/rows?page_size=500".formatted(result))
            .get("rows");
    // With windows, rows without enough rows before them are left out.
    int first = 24 - all.size();
    Map<String, List<Object>> answer = new LinkedHashMap<>();
    for (int place : served.table()) {
      JsonNode row = all.get(place - first);
      for (Map.Entry<String, JsonNode> target : version.at("/encoding/targets").properties()) {
        putPredicted(answer, target.getKey(), target.getValue(), row);
      }
    }
    compare("batch", answer, expected);
  }

  private void putPredicted(
      Map<String, List<Object>> answer, String name, JsonNode target, JsonNode row) {
    String own = "predicted_" + name;
    switch (target.get("kind").stringValue()) {
      case "class" -> {
        put(answer, name, List.of(row.get(own).asString()));
        for (JsonNode label : target.get("classes")) {
          put(
              answer,
              name + "_probabilities",
              leaves(row.get(own + "_probability_" + label.asString())));
        }
      }
      case "number" -> {
        JsonNode columns = target.at("/values/columns");
        for (JsonNode column : columns) {
          String each = columns.size() > 1 ? own + "_" + column.get("column").stringValue() : own;
          put(answer, name, leaves(row.get(each)));
          if (row.has(each + "_std")) {
            put(answer, name + "_std", leaves(row.get(each + "_std")));
          }
        }
      }
      default -> {
        JsonNode input = version.at("/encoding/inputs/" + target.get("input").stringValue());
        if (input.has("window")) {
          put(answer, name, leaves(row.get(own)));
          return;
        }
        for (JsonNode column : input.get("columns")) {
          put(answer, name, leaves(row.get(own + "_" + column.get("column").stringValue())));
        }
      }
    }
  }

  /** ONNX Runtime computes from the exported file what the version computes. */
  private void compareExport() {
    Answer file = http.get("/v1/models/" + model + "/versions/1/onnx").expect(200);
    String other = model + "-onnx";
    Multipart parts = new Multipart().part("onnx", file.bytes());
    JsonNode encoding = version.path("encoding");
    if (encoding.isObject()) {
      ObjectNode spec = JSON.objectNode();
      spec.set("inputs", version.at("/spec/inputs"));
      ObjectNode targets = (ObjectNode) version.at("/spec/targets").deepCopy();
      for (Map.Entry<String, JsonNode> target : encoding.get("targets").properties()) {
        ((ObjectNode) targets.get(target.getKey())).set("output", target.getValue().get("output"));
      }
      spec.set("targets", targets);
      parts.json("spec", spec.toString()).json("encoding", encoding.toString());
    }
    parts.post(http, "/v1/models/" + other + "/versions").expect(201);
    assertThat(http.get("/v2/models/" + other).json().get("platform").stringValue())
        .isEqualTo("onnxruntime_onnx");
    compare("onnx", predict("/v1/models/" + other + "/predict"), expected);
  }
}

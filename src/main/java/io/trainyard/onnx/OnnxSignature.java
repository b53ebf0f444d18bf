package io.trainyard.onnx;

import io.trainyard.onnx.format.OnnxFile;
import io.trainyard.onnx.format.OnnxFile.Axis;
import io.trainyard.onnx.format.OnnxTypes;
import io.trainyard.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tensors that go in and out of a file, under names that a network may have.
 *
 * @param rowByRow whether the file takes one row at a time
 * @param maps the tensors that are given in place of maps
 * @param leftOut outputs that are not served, with the reason
 * @param faults why it cannot be served
 */
record OnnxSignature(
    List<Tensor> inputs,
    List<Tensor> outputs,
    boolean rowByRow,
    Map<String, OnnxFile.ZipMap> maps,
    Map<String, String> leftOut,
    List<String> faults) {
  private static final int LONGEST_NAME = 60;

  OnnxSignature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    maps = Collections.unmodifiableMap(new LinkedHashMap<>(maps));
    leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
    faults = List.copyOf(faults);
  }

  /**
   * An input or output.
   *
   * @param name in the network
   * @param fileName in the file
   * @param type in the file
   * @param row its axes without the batch
   */
  record Tensor(String name, String fileName, ElementType type, List<Axis> row) {
    Tensor {
      row = List.copyOf(row);
    }

    /** Whether it holds whole numbers. */
    boolean isWhole() {
      return type != ElementType.FLOAT32 && type != ElementType.FLOAT64;
    }
  }

  /**
   * The same for the same file. Outputs that are not rows of numbers, or maps to them, are left
   * out.
   */
  static OnnxSignature of(OnnxFile file) {
    List<String> faults = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<Tensor> inputs = new ArrayList<>();
    Set<Long> batches = new HashSet<>();
    for (OnnxFile.Value value : file.inputs()) {
      ElementType type = OnnxTypes.elementType(value.type());
      if (type == null || value.axes().isEmpty()) {
        faults.add(
            "its input '%s' is not a tensor of numbers with a batch axis, of a type that is served"
                .formatted(OnnxFile.shown(value.name())));
      } else {
        batches.add(value.axes().getFirst().length());
        inputs.add(tensor(value, type, names));
      }
    }
    if (file.inputs().isEmpty()) {
      faults.add("it has no inputs");
    } else if (batches.size() > 1 || batches.stream().anyMatch(length -> length > 1)) {
      faults.add(
          "the first axis of its inputs is a batch of %s rows; export it with a batch axis of any length"
              .formatted(batches));
    }
    boolean rowByRow = batches.equals(Set.of(1L));
    List<Tensor> outputs = new ArrayList<>();
    Map<String, OnnxFile.ZipMap> maps = new LinkedHashMap<>();
    Map<String, String> leftOut = new LinkedHashMap<>();
    for (OnnxFile.Value value : file.outputs()) {
      ElementType type = OnnxTypes.elementType(value.type());
      boolean rows =
          !value.axes().isEmpty()
              && (value.axes().getFirst().length() < 0
                  || (rowByRow && value.axes().getFirst().length() == 1));
      OnnxFile.ZipMap map = value.type() == 0 ? file.zipMap(value.name()) : null;
      if (type != null && rows) {
        outputs.add(tensor(value, type, names));
      } else if (map != null) {
        String name = name(value.name(), names);
        Axis classes = new Axis(map.classes().size(), "");
        outputs.add(new Tensor(name, map.value(), ElementType.FLOAT32, List.of(classes)));
        maps.put(name, map);
      } else {
        leftOut.put(
            value.name(),
            type == null ? OnnxTypes.described(value.type()) : "a tensor without a batch axis");
      }
    }
    if (outputs.isEmpty()) {
      faults.add("none of its outputs is a tensor of numbers with a batch axis: " + leftOut);
    }
    return new OnnxSignature(inputs, outputs, rowByRow, maps, leftOut, faults);
  }

  /** A file that has the tensors too that are given in place of maps. */
  ByteBuffer withShown(ByteBuffer file) {
    ByteBuffer shown = file;
    for (OnnxFile.ZipMap map : maps.values()) {
      shown = map.shownBy(shown);
    }
    return shown;
  }

  private static Tensor tensor(OnnxFile.Value value, ElementType type, Set<String> names) {
    List<Axis> row = value.axes().subList(1, value.axes().size());
    return new Tensor(name(value.name(), names), value.name(), type, row);
  }

  /** Letters, digits and _ as they are, other characters as _; a number makes it unique. */
  private static String name(String given, Set<String> taken) {
    String plain = given.replaceAll("[^A-Za-z0-9_]", "_");
    plain = plain.substring(0, Math.min(plain.length(), LONGEST_NAME));
    String start = plain.isEmpty() || Character.isDigit(plain.charAt(0)) ? "_" + plain : plain;
    String name = start;
    for (int i = 2; !taken.add(name); i++) {
      name = start.substring(0, Math.min(start.length(), LONGEST_NAME - 5)) + "_" + i;
    }
    return name;
  }

  @Nullable Tensor output(String name) {
    return outputs.stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
  }
}

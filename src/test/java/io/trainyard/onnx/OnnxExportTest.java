package io.trainyard.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.crash.NetworkCase;
import io.trainyard.crash.NetworkCases;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TestEngine;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.StoredWeights;
import io.trainyard.model.WeightStore;
import io.trainyard.os.HeldFile;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * Networks as ONNX files. {@code src/test/python/onnx_files.py} checks the files of a folder with
 * ONNX's own checker; {@code -Donnx.files} says where this test leaves them.
 */
class OnnxExportTest {
  private static final Engine ENGINE = TestEngine.get();
  private static final Executor COMPUTE = work -> ENGINE.threads().run(1, work);
  private static final OnnxRuntime RUNTIME = OnnxTests.RUNTIME;
  private static final int OPSETS = OnnxExport.LAST_OPSET - OnnxExport.FIRST_OPSET + 1;

  /** Networks of the search between two that are taken: each layer, format and size comes. */
  private static final long STRIDE = 7;

  private static final WeightStore NONE =
      new WeightStore() {
        @Override
        public StoredWeights store(Map<String, HostTensor> weights) {
          throw new UnsupportedOperationException();
        }

        @Override
        public StoredWeights store(Path file) {
          throw new UnsupportedOperationException();
        }

        @Override
        public SafeTensors open(StoredWeights weights) {
          throw new UnsupportedOperationException();
        }

        @Override
        public HeldFile file(StoredWeights weights) {
          throw new UnsupportedOperationException();
        }
      };

  /** Weights that no layer treats alike: normal numbers, and positive variances. */
  private static Map<String, HostTensor> weights(NetworkShapes shapes, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    for (WeightSpec spec : shapes.weights()) {
      HostTensor tensor = HostTensor.allocate(spec.type(), spec.shape());
      for (long i = 0; i < spec.shape().elements() && spec.type() == ElementType.FLOAT32; i++) {
        double number = random.nextGaussian();
        tensor.setFloat(
            i, (float) (spec.name().endsWith("running_var") ? 0.1 + number * number : number / 2));
      }
      weights.put(spec.name(), tensor);
    }
    return weights;
  }

  @Test
  void everyLayerOfRandomNetworksComputesTheSameInOnnxRuntime() throws IOException {
    OnnxExport export = new OnnxExport(NONE, ENGINE::load, COMPUTE, RUNTIME);
    NetworkCases cases = new NetworkCases(Long.getLong("onnx.seed", 1));
    String folder = System.getProperty("onnx.files");
    for (int i = 0; i < Integer.getInteger("onnx.cases", 300); i++) {
      NetworkCase each = cases.get(i * STRIDE);
      NetworkSpec network = each.model().network();
      int opset = OnnxExport.FIRST_OPSET + i % OPSETS;
      byte[] file =
          export.write(each.modelText(), network, each.shapes(), weights(each.shapes(), i), opset);
      assertThat(file).isNotEmpty();
      if (folder != null) {
        Files.write(Path.of(folder, i + ".onnx"), file);
      }
    }
  }

  @Test
  void severalInputsOutputsAndSharedWeightsComputeTheSame() {
    ModelSpec model =
        TestEngine.model(
            """
            {'name': 'm', 'network': {
              'inputs': {'a': {'shape': [4]}, 'b': {'shape': [4]}, 'i': {'shape': [3]}},
              'layers': [
                {'type': 'dense', 'name': 'd', 'units': 4, 'activation': 'mish', 'inputs': ['a']},
                {'type': 'dense', 'name': 'e', 'units': 4, 'activation': 'mish', 'inputs': ['b'],
                 'share': 'd'},
                {'type': 'dropout', 'name': 'o', 'rate': 0.5, 'inputs': ['e']},
                {'type': 'flatten', 'name': 'f', 'inputs': ['i']},
                {'type': 'embedding', 'name': 'v', 'vocabulary': 5, 'dim': 4, 'inputs': ['f']},
                {'type': 'lambda', 'name': 'l', 'inputs': ['d', 'v'], 'parameters': {'s': 2},
                 'expression': 'norm(v, 0) * s + where(d > 0, d, -d)'}],
              'outputs': ['o', 'l', 'd']}}\
            """);
    NetworkShapes shapes = TestEngine.shapes(model);
    byte[] file =
        new OnnxExport(NONE, ENGINE::load, COMPUTE, RUNTIME)
            .write("m", model.network(), shapes, weights(shapes, 1), 17);
    assertThat(new String(file, StandardCharsets.ISO_8859_1))
        .contains("d.weight", "v.weight", "l.s")
        .doesNotContain("e.weight");
  }

  @Test
  void layerThatComputesOtherNumbersIsNamed() {
    ModelSpec model =
        TestEngine.model(
            """
            {'name': 'm', 'network': {'inputs': {'x': {'shape': [3]}}, 'layers': [
              {'type': 'dense', 'name': 'h', 'units': 2},
              {'type': 'activation', 'name': 'wrong', 'function': 'tanh'},
              {'type': 'dense', 'name': 'y', 'units': 1}]}}\
            """);
    NetworkShapes shapes = TestEngine.shapes(model);
    OnnxExport export =
        new OnnxExport(
            NONE,
            (network, of, tensors) -> new Doubled(ENGINE.load(network, of, tensors)),
            COMPUTE,
            RUNTIME);
    assertThatThrownBy(() -> export.write("m@1", model.network(), shapes, weights(shapes, 1), 17))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.NOT_EXPORTABLE);
              assertThat(e.violations())
                  .singleElement()
                  .satisfies(
                      fault -> {
                        assertThat(fault.pointer()).isEqualTo("/spec/network/layers/1");
                        assertThat(fault.detail()).startsWith("Layer 'wrong' (activation): ONNX");
                      });
            });
  }

  /** An engine whose layers behind the first give twice their value. */
  private record Doubled(LoadedNetwork real) implements LoadedNetwork {
    @Override
    public Map<String, HostTensor> forward(
        Map<String, HostTensor> inputs, List<String> outputs, BooleanSupplier stopped) {
      Map<String, HostTensor> values = real.forward(inputs, outputs, stopped);
      values.forEach(
          (name, value) -> {
            for (long i = 0; i < value.shape().elements() && !name.equals("h"); i++) {
              value.setFloat(i, 2 * value.floatAt(i));
            }
          });
      return values;
    }

    @Override
    public long bytes() {
      return real.bytes();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}

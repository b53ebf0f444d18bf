package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A prediction keeps only the values that a later layer reads or the caller wants. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@Isolated("memory of the process is measured")
@Tag("long")
class ForwardMemoryTest {
  private static final int WIDTH = 1 << 20;
  private static final long ROW = 4L * WIDTH;

  private static final int PASSES = 3;

  private final Engine engine = TestEngine.get();

  private static ModelSpec chain(int depth, String... functions) {
    StringBuilder layers = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      layers
          .append(i == 0 ? "" : ",")
          .append(
              "{'type':'activation','name':'a%d','function':'%s'}"
                  .formatted(i, functions[i % functions.length]));
    }
    return TestEngine.model(
        "{'name':'m','network':{'inputs':{'x':{'shape':[%d]}},'layers':[%s]}}"
            .formatted(WIDTH, layers));
  }

  /**
   * The most native memory between two layers, beyond that at the start. The compilers of the JVM
   * take some of the same memory now and then, so the least of some passes counts.
   */
  private long peak(ModelSpec model, List<String> wanted) {
    return LongStream.generate(() -> peakOfOnePass(model, wanted))
        .limit(PASSES)
        .min()
        .orElseThrow();
  }

  private long peakOfOnePass(ModelSpec model, List<String> wanted) {
    NetworkShapes shapes = TestEngine.shapes(model);
    HostTensor input = HostTensor.allocate(ElementType.FLOAT32, Shape.of(1, WIDTH));
    AtomicLong most = new AtomicLong();
    try (LoadedNetwork network = engine.load(model.network(), shapes, Map.of())) {
      engine
          .threads()
          .run(
              1,
              () -> {
                long before = NativeMemory.now().allocated();
                network.forward(
                    Map.of("x", input),
                    wanted,
                    () -> {
                      most.accumulateAndGet(NativeMemory.now().allocated() - before, Math::max);
                      return false;
                    });
              });
    }
    return most.get();
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu", "radbas", "linear"})
  void memoryDoesNotGrowWithTheDepth(String function) {
    ModelSpec deep = chain(40, function);
    assertThat(peak(deep, List.of("a39"))).isLessThan(3 * ROW);
  }

  @Test
  void wantedValuesAreKeptAndCounted() {
    ModelSpec model = chain(10, "relu", "tanh");
    List<String> wanted = List.of("a9", "a1", "a1:pre", "a5");
    long peak = peak(model, wanted);
    assertThat(peak).isBetween(3 * ROW, 6 * ROW);
    assertThat(ForwardPlan.of(model.network(), wanted).cost(TestEngine.shapes(model)).bytes())
        .isGreaterThanOrEqualTo(peak);
  }

  @Test
  void stoppedPassEndsBeforeTheNextLayer() {
    ModelSpec model = chain(10, "relu");
    AtomicInteger asked = new AtomicInteger();
    try (LoadedNetwork network = engine.load(model.network(), TestEngine.shapes(model), Map.of())) {
      HostTensor input = HostTensor.allocate(ElementType.FLOAT32, Shape.of(1, WIDTH));
      assertThatThrownBy(
              () ->
                  engine
                      .threads()
                      .run(
                          1,
                          () ->
                              network.forward(
                                  Map.of("x", input),
                                  List.of("a9"),
                                  () -> asked.incrementAndGet() == 3)))
          .isInstanceOf(CancellationException.class);
    }
    assertThat(asked).hasValue(3);
  }
}

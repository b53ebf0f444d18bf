package io.trainyard.engine.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.engine.Engine;
import io.trainyard.engine.TestEngine;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ComputeThreadsTest {
  private static final ModelSpec MODEL =
      TestEngine.model(
          "{'name':'m','network':{'inputs':{'x':{'shape':[2]}},"
              + "'layers':[{'type':'dense','name':'d','units':3}]}}");

  private final Engine engine = TestEngine.get();

  @Test
  void virtualThreadsAreRefused() throws InterruptedException {
    try (LoadedNetwork network = network()) {
      AtomicReference<@Nullable Throwable> refusal = new AtomicReference<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  network.forward(input(), List.of("d"), () -> false);
                } catch (Throwable e) {
                  refusal.set(e);
                }
              })
          .join();
      assertThat(refusal.get())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("virtual thread");
    }
  }

  @Test
  void otherPlatformThreadsAreRefused() {
    try (LoadedNetwork network = network()) {
      assertThatThrownBy(() -> network.forward(input(), List.of("d"), () -> false))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("compute threads");
    }
  }

  @Test
  void threadsAreReusedAndKeepTheirCount() {
    Set<Thread> seen = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      int count =
          engine
              .threads()
              .call(
                  2,
                  () -> {
                    seen.add(Thread.currentThread());
                    return torch.get_num_threads();
                  });
      assertThat(count).isEqualTo(2);
      assertThat(engine.threads().<Integer>call(1, torch::get_num_threads)).isEqualTo(1);
    }
    assertThat(seen).hasSize(1);
  }

  @Test
  void aThreadKeepsItsCountWhenOthersSetTheirs() {
    engine
        .threads()
        .run(
            2,
            () -> {
              try (PointerScope scope = new PointerScope()) {
                other(() -> assertThat(torch.get_num_threads()).isEqualTo(1));
                Tensor a = torch.ones(300, 300);
                assertThat(torch.mm(a, a).sum().item_float()).isEqualTo(300f * 300 * 300);
                assertThat(torch.get_num_threads()).isEqualTo(2);
              }
            });
  }

  /** The test engine has two cores, so a second pair of threads would busy-wait with the first. */
  @Test
  void aSecondPairOfThreadsWaitsForTheFirst() throws InterruptedException {
    CountDownLatch firstRuns = new CountDownLatch(1);
    CountDownLatch firstMayEnd = new CountDownLatch(1);
    Thread first =
        Thread.startVirtualThread(
            () ->
                engine
                    .threads()
                    .run(
                        2,
                        () -> {
                          firstRuns.countDown();
                          awaitLatch(firstMayEnd);
                        }));
    firstRuns.await();
    CountDownLatch secondRan = new CountDownLatch(1);
    Thread second = Thread.startVirtualThread(() -> engine.threads().run(2, secondRan::countDown));

    assertThat(secondRan.await(100, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(engine.threads().<Integer>call(1, torch::get_num_threads)).isEqualTo(1);
    firstMayEnd.countDown();
    assertThat(secondRan.await(10, TimeUnit.SECONDS)).isTrue();
    first.join();
    second.join();
  }

  @Test
  void denormalsAreFlushedOnComputeThreads() {
    double product = engine.threads().call(1, () -> half(Double.MIN_NORMAL));
    assertThat(product).isEqualTo(0);
    assertThat(half(Double.MIN_NORMAL)).isGreaterThan(0);
  }

  private static double half(double number) {
    return number * Double.parseDouble("0.5");
  }

  @Test
  void exceptionsOfTheWorkReachTheCaller() {
    assertThatThrownBy(
            () ->
                engine
                    .threads()
                    .run(
                        1,
                        () -> {
                          throw new IllegalArgumentException("no");
                        }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no");
  }

  /**
   * MKL's files contain Intel's OpenMP. It may be mapped, but its pool must not run: a compute
   * thread with two intra-op threads has exactly one other thread.
   */
  @Test
  void oneOpenMpRuntimeIsActive() throws IOException {
    Set<String> gomp = mapped("libgomp");
    assertThat(gomp).hasSize(1);
    engine
        .threads()
        .run(
            2,
            () -> {
              try (PointerScope scope = new PointerScope()) {
                Tensor a = torch.ones(700, 700);
                for (int i = 0; i < 3; i++) {
                  a = torch.mm(a, a).relu().div(torch.ones(700, 700).mul(a).sum());
                }
                assertThat(threadsNamed(ownName())).isEqualTo(2);
              }
            });
  }

  private static Set<String> mapped(String library) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .filter(line -> line.contains("/" + library))
          .map(line -> line.substring(line.indexOf('/')))
          .collect(Collectors.toSet());
    }
  }

  /** A thread started by a native library has the name of the thread that started it. */
  private static long threadsNamed(String name) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.filter(task -> nameOf(task).equals(name)).count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String ownName() {
    return nameOf(Path.of("/proc/thread-self"));
  }

  private static String nameOf(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private void other(Runnable work) {
    Thread thread = Thread.startVirtualThread(() -> engine.threads().run(1, work));
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private LoadedNetwork network() {
    return engine.load(
        MODEL.network(),
        TestEngine.shapes(MODEL),
        engine.initialWeights(TestEngine.shapes(MODEL).weights(), 1));
  }

  private static Map<String, HostTensor> input() {
    return Map.of("x", HostTensor.ofFloats(Shape.of(1, 2), 1, 2));
  }
}

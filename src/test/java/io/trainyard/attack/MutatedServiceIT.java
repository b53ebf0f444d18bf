package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutations of the documented operations, the examples and the golden networks, from several
 * callers to a process with little memory. Profile {@code attack} sends 100,000.
 */
class MutatedServiceIT {
  private static final int CALLERS = 6;

  @TempDir private Path data;

  @Test
  void mutatedRequestsHarmNothing() throws Exception {
    int count = Integer.getInteger("attack.requests", 600);
    String given = System.getProperty("attack.seed", "");
    long seed = given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
    try (AttackedService service = AttackedService.start(data)) {
      List<Operations.Operation> operations = operations(service);
      List<String> faults = send(service, operations, count / 2, seed);
      long before = service.isAlive() ? service.restedBytes() : 0;
      faults.addAll(send(service, operations, count / 2, seed + count));
      assertThat(faults).as("-Dattack.seed=%d, log %s", seed, service.tail()).isEmpty();
      service.assertLiveAndWell();
      long after = service.restedBytes();
      System.out.printf(
          "%d requests, seed %d: %d MB at half, %d MB at the end%n",
          count, seed, before >> 20, after >> 20);
      // A short run has not met everything at half.
      if (count >= 50_000) {
        assertThat(after).as("bytes, %d before", before).isLessThan(before + before / 20);
      }
    }
  }

  private static List<Operations.Operation> operations(AttackedService service) throws IOException {
    List<Operations.Operation> operations = new ArrayList<>(Operations.prepare(service.http()));
    List<Operations.Operation> examples = ExampleRequests.all();
    ExampleRequests.prepare(service.http(), examples);
    operations.addAll(examples);
    return operations;
  }

  private static List<String> send(
      AttackedService service, List<Operations.Operation> operations, int count, long seed)
      throws Exception {
    List<Callable<List<String>>> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      long own = seed + (long) caller * count;
      callers.add(() -> new MutatedRequests(service.http()).send(operations, count / CALLERS, own));
    }
    List<String> faults = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<List<String>> found : threads.invokeAll(callers)) {
        faults.addAll(found.get());
      }
    }
    return faults;
  }
}

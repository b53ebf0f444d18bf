package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Cases;
import io.trainyard.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutations of the documented operations, the examples and the golden networks, from several
 * callers to a process with little memory, and then bombs. Profile {@code attack} sends 100,000
 * mutations, {@code slow} every bomb.
 */
class AttackedServiceIT {
  private static final int CALLERS = 6;

  @TempDir private Path data;

  @Test
  @Tag("slow")
  void neitherMutatedRequestsNorBombsHarmTheService() throws Exception {
    int count = Integer.getInteger("attack.requests", 600);
    long seed = MutatedRequests.seed();
    try (AttackedService service = AttackedService.start(data)) {
      MutatedRequests requests = new MutatedRequests(service.http(), sources(service.http()));
      List<String> faults = send(requests, seed, count / 2);
      long before = service.isAlive() ? service.restedBytes() : 0;
      faults.addAll(send(requests, seed + count / 2, count / 2));
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
      // A mutation may have deleted or unloaded them, and then bombs would prove nothing.
      AttackedService.importCostly(service.http());
      Cases.sample(BombsIT.bombs(), 12).forEach(service::send);
      service.assertLiveAndWell();
    }
  }

  static List<List<Operations.Operation>> sources(Http http) throws IOException {
    List<Operations.Operation> documented = Operations.prepare(http);
    List<Operations.Operation> examples = ExampleRequests.examples();
    ExampleRequests.prepare(http, examples);
    return List.of(documented, examples, ExampleRequests.golden());
  }

  /** Sends the requests of {@code count} seeds, each caller an equal share of them. */
  private static List<String> send(MutatedRequests requests, long first, int count)
      throws Exception {
    int share = count / CALLERS;
    List<Callable<List<String>>> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      long from = first + (long) caller * share;
      callers.add(() -> requests.send(from, share));
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

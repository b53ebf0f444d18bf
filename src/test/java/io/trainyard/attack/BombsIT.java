package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests that are small and ask for much. Each is refused or answered in time, and the process
 * keeps its memory.
 */
class BombsIT {
  @TempDir private Path data;

  static List<Request> bombs() {
    return Stream.of(SpecBombs.all(), PredictBombs.all(), UploadBombs.all())
        .flatMap(List::stream)
        .toList();
  }

  @Test
  @Tag("attack")
  void memoryIsFreedAfterBombs() throws Exception {
    try (AttackedService service = AttackedService.start(data)) {
      bombs().forEach(service::send);
      service.assertLiveAndWell();
      long before = service.restedBytes();
      bombs().forEach(service::send);
      service.assertLiveAndWell();
      long after = service.restedBytes();
      assertThat(after).as("bytes, %d before", before).isLessThan(before + before / 20);
    }
  }

  @Test
  @Tag("attack")
  void twentyLargeBodiesAtOnceAreBounded() throws Exception {
    try (AttackedService service = AttackedService.start(data)) {
      Request large =
          Request.json(
              "250 MB",
              "/v1/models/repeated/predict",
              Request.Body.repeated("{\"instances\": [", "[1]", ",", 62_000_000, "]}"));
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        callers.add(Thread.ofVirtual().start(() -> service.send(large)));
      }
      for (Thread caller : callers) {
        caller.join();
      }
      service.assertLiveAndWell();
    }
  }
}

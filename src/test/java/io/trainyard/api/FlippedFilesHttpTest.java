package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.store.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * One flipped bit in each file of a dataset and of a version. What needs the file answers a problem
 * that names it, or the true bytes; everything else goes on, and the file works again when it is
 * repaired.
 */
@ServiceTest
@Timeout(120)
class FlippedFilesHttpTest {
  private static final int FLIPS = 3;
  private static final String INSTANCES = "{\"instances\": [[1, 2]]}";

  @Autowired private Http http;
  @Autowired private DataDirectory data;

  @Test
  void damagedFileIsNamedAndOthersAnswer() throws IOException {
    List<Path> before = files();
    http.post(
            "/v1/datasets?name=flipped&on_error=skip",
            "text/csv",
            Http.utf8("a,b\n1,x\n2,y\nbad,z,3\n"))
        .expect(201);
    SumNetwork.importAs(http, "flipped");
    List<Path> own = new ArrayList<>(files());
    own.removeAll(before);
    http.upload("sound", "a\n1\n");
    http.importVersion("sound", SumNetwork.spec("sound"), SumNetwork.weights(2));
    http.post("/v1/models/sound/predict", INSTANCES).expect(200);
    Map<String, byte[]> truth = new LinkedHashMap<>();
    for (String path :
        List.of(
            "/v1/datasets/flipped/versions/1/rows",
            "/v1/datasets/flipped/versions/1/content",
            "/v1/datasets/flipped/versions/1/rejects",
            "/v1/models/flipped/versions/1/weights",
            "/v1/models/flipped/versions/1/weights/h.bias",
            "/v1/models/flipped/versions/1/onnx")) {
      truth.put(path, http.get(path).expect(200).bytes());
    }
    assertThat(own).isNotEmpty();
    Random random = new Random(27);
    int named = 0;
    for (Path file : own) {
      byte[] bytes = Files.readAllBytes(file);
      for (int i = 0; i < FLIPS; i++) {
        byte[] flipped = bytes.clone();
        flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        write(file, flipped);
        for (Map.Entry<String, byte[]> each : truth.entrySet()) {
          named += isNamed(file, each.getKey(), each.getValue()) ? 1 : 0;
        }
        http.get("/v1/datasets/sound/versions/1/rows").expect(200);
        http.post("/v1/models/sound/predict", INSTANCES).expect(200);
      }
      write(file, bytes);
    }
    assertThat(named).as("answers that name a damaged file").isGreaterThanOrEqualTo(3 * FLIPS);
    truth.forEach(
        (path, bytes) -> assertThat(http.get(path).expect(200).bytes()).as(path).isEqualTo(bytes));
  }

  private boolean isNamed(Path file, String path, byte[] truth) {
    Http.Answer answer = http.get(path);
    if (answer.status() == 200) {
      assertThat(answer.bytes()).as("%s with a flipped bit in %s", path, file).isEqualTo(truth);
      return false;
    }
    assertThat(answer.status()).as(answer.text()).isEqualTo(500);
    assertThat(answer.json().get("code").stringValue()).isEqualTo("corrupt_file");
    assertThat(answer.text()).contains("flipped@1").doesNotContain("\tat ", "Exception");
    return true;
  }

  private List<Path> files() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String kind : List.of("weights", "datasets", "checkpoints")) {
      Path folder = data.folder(kind);
      try (Stream<Path> files = Files.walk(folder)) {
        files
            .filter(file -> Files.isRegularFile(file) && !file.startsWith(folder.resolve("tmp")))
            .forEach(all::add);
      }
    }
    return all;
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(1)));
  }
}

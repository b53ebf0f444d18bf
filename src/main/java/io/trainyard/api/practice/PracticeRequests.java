package io.trainyard.api.practice;

import io.trainyard.api.MediaTypes;
import io.trainyard.api.edge.PracticeConnections.Connection;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.request.PracticeBodies;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The requests that practice sends for one version: every format, with few rows and with many. */
final class PracticeRequests {
  /** One large request among so many. */
  private static final int LARGE = 16;

  /** Bytes of a request with one row. */
  private static final int LARGE_ROW = 16 << 10;

  /** Numbers of a row, beyond which a version does not practise. */
  private static final int LARGEST_ROW = 1 << 20;

  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String NPY = "Content-Type: " + MediaTypes.NPY + "\r\n";
  private static final String ACCEPTS_NPY = "Accept: " + MediaTypes.NPY + "\r\n";

  /** By format: of 1, 8 and 64 rows. */
  private final List<List<byte[]>> formats = new ArrayList<>();

  PracticeRequests(LoadedModel model) {
    long numbers =
        model.signature().inputs().values().stream().mapToLong(in -> in.shape().elements()).sum();
    if (numbers > LARGEST_ROW) {
      return;
    }
    PracticeBodies bodies = new PracticeBodies(model.definition());
    String name = URLEncoder.encode(model.version().model(), StandardCharsets.UTF_8);
    String predict = "/v1/models/" + name + "/predict";
    String other = "/v1/models/" + name + ":predict";
    String infer = "/v2/models/" + name + "/infer";
    add(rows -> request(predict, JSON, bodies.instances(rows)));
    add(rows -> request(predict, JSON + ACCEPTS_NPY, bodies.instances(rows)));
    add(rows -> request(other, JSON, bodies.instances(rows)));
    if (bodies.array(1).isPresent()) {
      add(rows -> request(predict, NPY, bodies.array(rows).orElseThrow()));
      add(rows -> request(predict, NPY + ACCEPTS_NPY, bodies.array(rows).orElseThrow()));
    }
    add(rows -> request(infer, JSON, bodies.tensors(rows, false).body()));
    add(
        rows -> {
          PracticeBodies.Tensors tensors = bodies.tensors(rows, true);
          return request(
              infer,
              "Content-Type: application/octet-stream\r\nInference-Header-Content-Length: %d\r\n"
                  .formatted(tensors.json().length),
              tensors.body());
        });
  }

  private interface Maker {
    byte[] of(int rows);
  }

  /** Large rows come alone. */
  private void add(Maker maker) {
    byte[] one = maker.of(1);
    boolean large = one.length > LARGE_ROW;
    formats.add(large ? List.of(one, one, one) : List.of(one, maker.of(8), maker.of(64)));
  }

  private static byte[] request(String path, String headers, byte[] body) {
    byte[] head = Connection.head(path, headers, body.length);
    return ByteBuffer.allocate(head.length + body.length).put(head).put(body).array();
  }

  /** How many formats there are. */
  int formats() {
    return formats.size();
  }

  /** The request of a turn: one row mostly, as from callers. */
  byte[] request(int format, int turn) {
    int size =
        switch (turn % LARGE) {
          case 0 -> 2;
          case LARGE / 2 -> 1;
          default -> 0;
        };
    return formats.get(format).get(size);
  }
}

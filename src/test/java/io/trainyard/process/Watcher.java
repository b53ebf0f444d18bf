package io.trainyard.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Follows a job's events as a browser does: when the stream breaks it resumes somewhere else. */
final class Watcher implements Runnable {
  private final Supplier<String> base;
  private final String jobPath;
  private final List<Integer> ids = new ArrayList<>();
  private final List<Integer> epochs = new ArrayList<>();
  private volatile boolean done;

  /**
   * A watcher of one job.
   *
   * @param base where to connect next
   */
  Watcher(Supplier<String> base, String jobPath) {
    this.base = base;
    this.jobPath = jobPath;
  }

  @Override
  public void run() {
    while (!done) {
      try {
        follow();
      } catch (IOException e) {
        // The process it followed is gone or paused; the next one goes on.
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void follow() throws IOException {
    var connection =
        (HttpURLConnection) URI.create(base.get() + jobPath + "/events").toURL().openConnection();
    connection.setConnectTimeout(1_000);
    connection.setReadTimeout(4_000);
    if (!ids.isEmpty()) {
      connection.setRequestProperty("Last-Event-ID", String.valueOf(ids.getLast()));
    }
    try (var lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      int id = 0;
      String kind = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = Integer.parseInt(line.substring(4));
        } else if (line.startsWith("event: ")) {
          kind = line.substring(7);
        } else if (line.startsWith("data: ")) {
          event(id, kind, line);
        }
      }
    } finally {
      connection.disconnect();
    }
  }

  private void event(int id, String kind, String data) {
    ids.add(id);
    if (kind.equals("epoch")) {
      epochs.add(Integer.parseInt(data.replaceFirst(".*?\"epoch\":(\\d+).*", "$1")));
    }
    done = kind.equals("done");
  }

  /** Whether it saw the job end. */
  boolean done() {
    return done;
  }

  List<Integer> ids() {
    return ids;
  }

  List<Integer> epochs() {
    return epochs;
  }
}

package io.trainyard.store.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.JobProgress;
import io.trainyard.job.OutageCheckpoints;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.frame.Frame;
import io.trainyard.os.Sha256;
import io.trainyard.store.database.Json;
import io.trainyard.store.file.BlobFiles;
import io.trainyard.store.file.FileStores;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checkpoints of an outage: safetensors files that also contain the position and the report, as
 * bytes, and a second name each.
 */
@Component
final class OutageCheckpointFiles implements OutageCheckpoints {
  private static final Logger log = LoggerFactory.getLogger(OutageCheckpointFiles.class);

  private static final String POSITION = "outage/position";

  /** A line of JSON for each epoch, frame and note: no reader needs all of them as objects. */
  private static final String REPORT = "outage/report";

  /** How many attempts may have died in one outage. */
  private static final int ATTEMPTS = 3;

  private final BlobFiles files;

  OutageCheckpointFiles(FileStores stores) {
    this.files = new BlobFiles(stores, FileStores.CHECKPOINTS);
  }

  private static String name(String job, int attempt) {
    return HexFormat.of().formatHex(Sha256.digest("outage/%s/%d".formatted(job, attempt)));
  }

  @Override
  public void save(String job, int attempt, Checkpoint checkpoint, ProgressReport unreported) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>(checkpoint.tensors());
    tensors.put(POSITION, tensor(StoredPosition.write(checkpoint.position())));
    tensors.put(REPORT, tensor(lines(unreported)));
    String name = name(job, attempt);
    try {
      BlobFiles.Blob older = files.named(name).orElse(null);
      files.name(name, CheckpointFiles.write(files, tensors));
      if (older != null) {
        files.delete(older.sha256());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The checkpoint could not be written", e);
    }
  }

  @Override
  public Optional<Found> before(String job, int attempt) {
    for (int earlier = attempt - 1; earlier > 0 && earlier >= attempt - ATTEMPTS; earlier--) {
      Found found = find(job, earlier);
      if (found != null) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  private @Nullable Found find(String job, int attempt) {
    try {
      BlobFiles.Blob blob = files.named(name(job, attempt)).orElse(null);
      if (blob == null) {
        return null;
      }
      Map<String, HostTensor> tensors = CheckpointFiles.read(files, blob);
      String position = text(tensors.remove(POSITION));
      ProgressReport report = report(text(tensors.remove(REPORT)));
      return new Found(attempt, new Checkpoint(StoredPosition.read(position), tensors), report);
    } catch (IOException e) {
      throw BlobFiles.unreadable("The checkpoint of job " + job, e);
    } catch (FormatException e) {
      return damaged(job, e);
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.CORRUPT_FILE) {
        throw e;
      }
      return damaged(job, e);
    }
  }

  private static @Nullable Found damaged(String job, RuntimeException cause) {
    log.warn(
        "The checkpoint that job {} wrote in an outage is damaged; an older one is used: {}",
        job,
        cause.toString());
    return null;
  }

  @Override
  public void delete(String job, int attempt) {
    String name = name(job, attempt);
    try {
      files.named(name).ifPresent(blob -> files.delete(blob.sha256()));
      files.delete(name);
    } catch (IOException e) {
      log.warn("The checkpoint of an outage cannot be deleted: {}", e.toString());
    }
  }

  private static String lines(ProgressReport report) {
    StringBuilder lines = new StringBuilder();
    for (ProgressReport.Epoch epoch : report.epochs()) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.set("epoch", epoch.record().toJson());
      json.set("progress", epoch.progress().toJson());
      lines.append(json).append('\n');
    }
    for (Frame frame : report.frames()) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("at", frame.epoch());
      json.put("every", frame.every());
      json.put("frame", frame.json());
      lines.append(json).append('\n');
    }
    for (ProgressReport.Note note : report.notes()) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("warns", note.warns());
      json.put("note", note.message());
      lines.append(json).append('\n');
    }
    return lines.toString();
  }

  private static ProgressReport report(String lines) {
    List<ProgressReport.Epoch> epochs = new ArrayList<>();
    List<Frame> frames = new ArrayList<>();
    List<ProgressReport.Note> notes = new ArrayList<>();
    lines
        .lines()
        .forEach(
            line -> {
              JsonNode json = Json.read(line);
              if (json.has("epoch")) {
                epochs.add(
                    new ProgressReport.Epoch(
                        StoredMeasurements.epoch(json.path("epoch")),
                        StoredMeasurements.progress(json.path("progress"))));
              } else if (json.has("frame")) {
                frames.add(
                    new Frame(
                        json.path("at").intValue(),
                        json.path("every").intValue(),
                        json.path("frame").stringValue()));
              } else {
                notes.add(
                    new ProgressReport.Note(
                        json.path("warns").booleanValue(), json.path("note").stringValue()));
              }
            });
    return new ProgressReport(epochs, frames, notes, JobProgress.NONE, true);
  }

  private static HostTensor tensor(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    HostTensor tensor = HostTensor.allocate(ElementType.INT8, Shape.of(bytes.length));
    tensor.data().copyFrom(MemorySegment.ofArray(bytes));
    return tensor;
  }

  private static String text(@Nullable HostTensor tensor) {
    if (tensor == null) {
      throw new FormatException("it has no position or no report");
    }
    return new String(tensor.data().toArray(ValueLayout.JAVA_BYTE), UTF_8);
  }
}

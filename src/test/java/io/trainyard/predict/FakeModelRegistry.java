package io.trainyard.predict;

import io.trainyard.json.StrictJson;
import io.trainyard.model.Alias;
import io.trainyard.model.Model;
import io.trainyard.model.ModelRegistry;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.spec.ModelReference;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Versions of one network without weights, whose size is as told. */
class FakeModelRegistry implements ModelRegistry {
  private static final JsonNode SPEC =
      StrictJson.parse(
          """
          {"name": "m", "network": {"inputs": {"x": {"shape": [2]}},
            "layers": [{"type": "activation", "function": "linear", "name": "o"}]}}\
          """);

  private final Map<String, Alias> aliases = new LinkedHashMap<>();
  private final List<ModelVersion> versions = new ArrayList<>();
  private final Path file;
  int resolutions;
  long changes;
  boolean away;

  /** What an answer waits for. */
  CountDownLatch gate = new CountDownLatch(0);

  FakeModelRegistry() {
    try {
      // A header of two bytes, and nothing behind it.
      file = Files.createTempFile("weights", ".safetensors");
      Files.write(file, new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
      file.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ModelVersion add(long bytes) {
    int number = versions.size() + 1;
    ModelVersion version =
        new ModelVersion(
            number,
            "m",
            number,
            SPEC,
            null,
            JsonNodeFactory.instance.objectNode(),
            new Provenance.Imported(Map.of()),
            new StoredWeights("00", bytes),
            List.of(),
            Instant.EPOCH);
    versions.add(version);
    return version;
  }

  @Override
  public long changes() {
    return changes;
  }

  @Override
  public SafeTensors openWeights(StoredWeights weights) {
    try {
      return SafeTensors.open(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<ModelVersion> findVersion(String model, int version) {
    return versions.stream().filter(v -> v.version() == version).findFirst();
  }

  @Override
  public Optional<ModelVersion> findLatest(String model) {
    resolutions++;
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (away) {
      throw new IllegalStateException("the database is away");
    }
    return versions.isEmpty() ? Optional.empty() : Optional.of(versions.getLast());
  }

  @Override
  public Optional<Alias> findAlias(String model, String alias) {
    if (away) {
      throw new IllegalStateException("the database is away");
    }
    return Optional.ofNullable(aliases.get(alias));
  }

  @Override
  public Alias moveAlias(String model, String alias, int version, String by) {
    Alias moved = new Alias(model, alias, version, null, ++changes, Instant.EPOCH);
    aliases.put(alias, moved);
    return moved;
  }

  @Override
  public Model create(String name, JsonNode spec) {
    throw new AssertionError(name);
  }

  @Override
  public Model put(String name, JsonNode spec) {
    throw new AssertionError(name);
  }

  @Override
  public Optional<Model> findModel(String name) {
    return Optional.empty();
  }

  @Override
  public List<Model> models(int limit, @Nullable Long before) {
    return List.of();
  }

  @Override
  public void deleteModel(String name) {
    throw new AssertionError(name);
  }

  @Override
  public StoredWeights storeWeights(Map<String, HostTensor> weights) {
    throw new AssertionError(weights);
  }

  @Override
  public Path weightsFile(StoredWeights weights) {
    return file;
  }

  @Override
  public ModelVersion publish(NewVersion version) {
    throw new AssertionError(version);
  }

  @Override
  public void hold(String model, List<ModelReference> held, String holder) {
    throw new AssertionError(holder);
  }

  @Override
  public void letGo(String holder) {
    throw new AssertionError(holder);
  }

  @Override
  public List<ModelVersion> versions(String model, int limit, @Nullable Long before) {
    return List.of();
  }

  @Override
  public void deleteVersion(String model, int version) {
    versions.removeIf(v -> v.version() == version);
    changes++;
  }

  @Override
  public Alias rollback(String model, String alias, String by) {
    throw new AssertionError(alias);
  }

  @Override
  public List<Alias> aliases(String model) {
    return List.copyOf(aliases.values());
  }

  @Override
  public List<Alias.Move> history(String model, String alias, int limit, @Nullable Long before) {
    return List.of();
  }

  @Override
  public void deleteAlias(String model, String alias) {
    aliases.remove(alias);
    changes++;
  }
}

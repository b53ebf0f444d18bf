package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.json.StrictJson;
import io.trainyard.label.Labels;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.Alias;
import io.trainyard.model.AliasStore;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.model.WeightStore;
import io.trainyard.os.HeldFile;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Versions of one network without weights; their size in bytes is as told. */
final class FakeModels {
  private static final JsonNode SPEC =
      StrictJson.parse(
          """
          {"name": "m", "network": {"inputs": {"x": {"shape": [2]}},
            "layers": [{"type": "activation", "function": "linear", "name": "o"}]}}\
          """);

  private final List<ModelVersion> versions = new ArrayList<>();
  private final Path file;
  final WeightStore weights = new Weights();
  final VersionResolver resolver =
      new VersionResolver(new Catalogue(), new Versions(), new Aliases());
  int resolutions;
  long changes;
  boolean away;

  /** Every search for the latest version waits for it. */
  CountDownLatch gate = new CountDownLatch(0);

  FakeModels() {
    try {
      // A header of two bytes and no tensors.
      file = Files.createTempFile("weights", ".safetensors");
      Files.write(file, new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
      file.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Room for 100 bytes of weights in two versions. */
  static final long MAX_BYTES = 100 + 2 * LoadedModels.OVERHEAD;

  /** Loaded models of these versions. */
  LoadedModels models(
      NetworkLoader networks,
      LoadedModels.Listener listener,
      Executor threads,
      Duration longestPause) {
    return new LoadedModels(
        loader(networks),
        listener,
        threads,
        MAX_BYTES,
        new FailedLoads(longestPause, System::nanoTime));
  }

  VersionLoader loader(NetworkLoader networks) {
    return new VersionLoader(weights, networks, (_, _, _) -> new FakeNetwork(), (_, _, _) -> {});
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
            Instant.EPOCH,
            Labels.NONE);
    versions.add(version);
    return version;
  }

  private void requireDatabase() {
    if (away) {
      throw new IllegalStateException("the database is away");
    }
  }

  private final class Weights implements WeightStore {
    @Override
    public SafeTensors open(StoredWeights stored) {
      try {
        return SafeTensors.open(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public StoredWeights store(Map<String, HostTensor> tensors) {
      throw new AssertionError("stored weights");
    }

    @Override
    public StoredWeights store(Path other) {
      throw new AssertionError("stored " + other);
    }

    @Override
    public HeldFile file(StoredWeights stored) {
      return HeldFile.of(file);
    }
  }

  private final class Versions implements VersionStore {
    @Override
    public long changes(String model) {
      return model.equals("m") ? changes : 0;
    }

    @Override
    public Optional<ServiceException> outage(RuntimeException failure) {
      return away
          ? Optional.of(
              new ServiceException(ErrorCode.UNAVAILABLE, "the database is away", failure))
          : Optional.empty();
    }

    @Override
    public ModelVersion publish(NewVersion version, boolean mayServe) {
      throw new AssertionError("published " + version);
    }

    @Override
    public Optional<ModelVersion> find(String model, int number) {
      return versions.stream().filter(version -> version.version() == number).findFirst();
    }

    @Override
    public Optional<ModelVersion> findLatest(String model) {
      resolutions++;
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      requireDatabase();
      return versions.isEmpty() ? Optional.empty() : Optional.of(versions.getLast());
    }

    @Override
    public List<Integer> numbers(String model, int limit) {
      throw new AssertionError("listed versions");
    }

    @Override
    public List<Placed<ModelVersion>> select(
        String model, Selection selection, @Nullable String after, int limit) {
      throw new AssertionError("listed versions");
    }

    @Override
    public void delete(String model, int version, Precondition<ModelVersion> precondition) {
      throw new AssertionError("deleted a version");
    }
  }

  private final class Aliases implements AliasStore {
    @Override
    public Optional<Alias> find(String model, String alias) {
      requireDatabase();
      return Optional.empty();
    }

    @Override
    public Alias move(
        String model, String alias, int version, String by, Precondition<Alias> precondition) {
      throw new AssertionError("moved an alias");
    }

    @Override
    public Alias rollback(String model, String alias, String by, Precondition<Alias> precondition) {
      throw new AssertionError("rolled an alias back");
    }

    @Override
    public List<Alias> list(String model) {
      throw new AssertionError("listed aliases");
    }

    @Override
    public List<Alias.Move> history(String model, String alias, int limit, @Nullable Long before) {
      throw new AssertionError("asked for the history");
    }

    @Override
    public void delete(String model, String alias, Precondition<Alias> precondition) {
      throw new AssertionError("deleted an alias");
    }
  }

  private static final class Catalogue implements ModelCatalogue {
    @Override
    public Optional<Model> find(String name) {
      return Optional.empty();
    }

    @Override
    public Model create(String name, JsonNode spec) {
      throw new AssertionError("created a model");
    }

    @Override
    public Model put(String name, JsonNode spec, Precondition<Model> precondition) {
      throw new AssertionError("changed a model");
    }

    @Override
    public List<Model> list(int limit, @Nullable Long before) {
      throw new AssertionError("listed models");
    }

    @Override
    public List<Placed<Model>> select(
        Selection selection, Set<String> refused, @Nullable String after, int limit) {
      throw new AssertionError("listed models");
    }

    @Override
    public void delete(String name, Precondition<Model> precondition) {
      throw new AssertionError("deleted a model");
    }
  }
}

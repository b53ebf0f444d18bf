package io.trainyard.model;

import io.trainyard.access.Identity;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.TableFacts;
import io.trainyard.spec.SpecReferences;
import io.trainyard.tensor.Device;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Where the weights of a version came from. */
public sealed interface Provenance {
  /** Versions of what computed or checked the weights, by name: {@code libtorch}, {@code java}. */
  Map<String, String> libraries();

  /** The facts of the training's table; null for a version published before they were kept. */
  @Nullable TableFacts table();

  /**
   * Weights that a job trained.
   *
   * @param job its id
   * @param dataset as {@code name@version}
   * @param sha256 of the dataset's uploaded bytes
   * @param threads intra-op threads; with seed and device they determine every bit
   * @param training as the job had it; null for a version published before it was kept
   * @param members of an ensemble, in the order of their weights; empty for one network
   * @param ensemble the trials of a sweep that the members are of; null for other trainings
   */
  record Trained(
      String job,
      String dataset,
      String sha256,
      long seed,
      Device device,
      int threads,
      Map<String, String> libraries,
      @Nullable JsonNode training,
      List<Member> members,
      @Nullable EnsembleChoice ensemble,
      @Nullable TableFacts table)
      implements Provenance {
    public Trained {
      members = List.copyOf(members);
      libraries = Map.copyOf(new TreeMap<>(libraries));
    }

    /** Weights of one network. */
    public Trained(
        String job,
        String dataset,
        String sha256,
        long seed,
        Device device,
        int threads,
        Map<String, String> libraries,
        @Nullable JsonNode training) {
      this(job, dataset, sha256, seed, device, threads, libraries, training, List.of(), null, null);
    }

    /** The same, knowing the facts of its table. */
    public Trained with(TableFacts facts) {
      return new Trained(
          job, dataset, sha256, seed, device, threads, libraries, training, members, ensemble,
          facts);
    }

    /** The version of the dataset, while the catalogue has it. */
    public Optional<DatasetVersion> datasetIn(DatasetCatalogue datasets) {
      int at = dataset.lastIndexOf('@');
      return datasets.find(dataset.substring(0, at), Integer.parseInt(dataset.substring(at + 1)));
    }

    @Override
    public Provenance asSeenBy(Identity caller) {
      int at = dataset.lastIndexOf('@');
      boolean known = caller.permitsDataset(dataset.substring(0, at));
      EnsembleChoice seen = ensemble == null ? null : ensemble.asSeenBy(caller);
      return known && Objects.equals(seen, ensemble)
          ? this
          : new Trained(
              job,
              known ? dataset : SpecReferences.HIDDEN + dataset.substring(at),
              sha256,
              seed,
              device,
              threads,
              libraries,
              training,
              members,
              seen,
              table);
    }
  }

  /**
   * A member of an ensemble.
   *
   * @param fold that chose its best epoch, from 1; null where all members have the same rows
   * @param trainingRows that it was trained on
   * @param validationRows that chose its best epoch
   * @param bestEpoch whose weights it has, from 1
   * @param metrics of that epoch
   * @param trial of a sweep that it is of; null for other trainings
   * @param weight its share of the mean; null where all have the same
   */
  record Member(
      @Nullable Integer fold,
      long seed,
      int trainingRows,
      int validationRows,
      int epochs,
      int bestEpoch,
      String stopReason,
      JsonNode metrics,
      @Nullable Integer trial,
      @Nullable Double weight) {}

  /** Weights that a caller uploaded. */
  record Imported(Map<String, String> libraries, @Nullable TableFacts table) implements Provenance {
    public Imported {
      libraries = Map.copyOf(new TreeMap<>(libraries));
    }

    /** Weights from elsewhere, of whose training nothing is known. */
    public Imported(Map<String, String> libraries) {
      this(libraries, null);
    }
  }

  /** The same without the name of a dataset that a caller may not know. */
  default Provenance asSeenBy(Identity caller) {
    return this;
  }

  /** The training of the weights; null when there is none, or it was not kept. */
  default @Nullable JsonNode training() {
    return null;
  }

  /** The job that trained the weights, or null. */
  default @Nullable String jobId() {
    return this instanceof Trained trained ? trained.job() : null;
  }
}

package io.trainyard.train;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Tells of one member's training as a part of its ensemble's: epochs count on from member to
 * member, and the phase of a record names the member.
 *
 * @param member from 0
 * @param of the members of the ensemble
 * @param before the epochs of the members before it
 * @param start when its training began in this attempt, in nanoseconds
 * @param complete puts the finished members into a checkpoint
 */
record MemberListener(
    TrainingListener whole,
    int member,
    int of,
    int before,
    long start,
    UnaryOperator<Checkpoint> complete)
    implements TrainingListener {
  static String phase(int member) {
    return "members/" + member;
  }

  static MemberListener of(
      TrainingListener whole,
      List<EnsembleMember> finished,
      int of,
      UnaryOperator<Checkpoint> complete) {
    int before = finished.stream().mapToInt(EnsembleMember::epochs).sum();
    return new MemberListener(whole, finished.size(), of, before, System.nanoTime(), complete);
  }

  @Override
  public TrainingCommand command() {
    return whole.command();
  }

  @Override
  public void epoch(EpochRecord record, Progress progress) {
    whole.epoch(record.shifted(before, phase(member)), of(progress));
  }

  @Override
  public void look(int epoch, boolean last, LearningNetwork network) {
    whole.look(before + epoch, last && member == of - 1, network);
  }

  @Override
  public void note(boolean warns, String message) {
    whole.note(warns, message);
  }

  @Override
  public void progress(Progress progress) {
    whole.progress(of(progress));
  }

  @Override
  public void checkpoint(Checkpoint checkpoint) {
    whole.checkpoint(complete.apply(checkpoint));
  }

  @Override
  public boolean wantsCheckpoints() {
    return whole.wantsCheckpoints();
  }

  /** The members after this one take as long as this one, as far as is known. */
  Progress of(Progress own) {
    int ahead = of - member - 1;
    double each =
        own.fraction() < 1
            ? own.etaSeconds() / (1 - own.fraction())
            : (System.nanoTime() - start) / 1e9;
    return new Progress(
        phase(member),
        before + own.epoch(),
        before + (ahead + 1) * own.epochs(),
        own.step(),
        own.stepsPerEpoch(),
        (member + own.fraction()) / of,
        own.etaSeconds() + ahead * each,
        own.rowsPerSecond());
  }
}

package io.trainyard.engine.layer;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.AugmentationSpec.Flip;
import io.trainyard.spec.layer.AugmentationSpec.Range;
import io.trainyard.spec.layer.AugmentationSpec.Sampling;
import io.trainyard.spec.layer.AugmentationSpec.Warp;
import io.trainyard.tensor.DataFormat;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Images changed at random. All operations are on [rows, channels, height, width]; images with the
 * channels last are permuted before and after.
 *
 * <p>A warp finds each pixel of its output in its input: the coordinates of the output, from −1 to
 * 1 between the edges of the image, are mapped by a 2 × 3 matrix of each row.
 */
final class AugmentationModules {
  private static final int ROWS = 0;
  private static final int HEIGHT = 2;
  private static final int WIDTH = 3;

  /** libtorch's numbers for modes of grid_sampler. */
  private static final long BILINEAR = 0;

  private static final long NEAREST = 1;
  private static final long ZEROS = 0;
  private static final long BORDER = 1;
  private static final long REFLECTION = 2;

  private AugmentationModules() {}

  static LayerModule of(AugmentationSpec spec, long purpose) {
    boolean last = spec.dataFormat() == DataFormat.CHANNELS_LAST;
    return (inputs, context) -> {
      if (!context.training() && spec.isIdentity()) {
        return inputs[0];
      }
      Tensor images = last ? inputs[0].permute(0, 3, 1, 2) : inputs[0];
      Tensor changed = changed(spec, images, context, purpose);
      return last ? changed.permute(0, 2, 3, 1) : changed;
    };
  }

  private static Tensor changed(
      AugmentationSpec spec, Tensor images, ForwardContext context, long purpose) {
    return switch (spec) {
      case Flip flip -> flipped(flip, images, context, purpose);
      case Warp warp -> warped(warp, images, context, purpose);
      case AugmentationSpec.Crop crop ->
          context.training() ? cropped(crop, images, context, purpose) : middle(crop, images);
      case AugmentationSpec.Contrast contrast -> contrasted(contrast, images, context, purpose);
    };
  }

  /** A number for each row, as [rows]. */
  private static Tensor drawn(
      Range range, Tensor images, ForwardContext context, long purpose, int use) {
    return TensorConversion.emptyLike(images, images.size(ROWS))
        .uniform_(range.low(), range.high(), context.generator(LayerModules.purpose(purpose, use)));
  }

  /** Numbers of rows, to be multiplied with images. */
  private static Tensor perImage(Tensor numbers, Tensor images) {
    return numbers.to(images.device(), images.scalar_type()).view(-1, 1, 1, 1);
  }

  private static Tensor flipped(Flip spec, Tensor images, ForwardContext context, long purpose) {
    Tensor flipped = images;
    if (spec.mode() != Flip.Mode.VERTICAL) {
      flipped = flipped(flipped, WIDTH, context, purpose);
    }
    if (spec.mode() != Flip.Mode.HORIZONTAL) {
      flipped = flipped(flipped, HEIGHT, context, purpose);
    }
    return flipped;
  }

  private static Tensor flipped(Tensor images, int axis, ForwardContext context, long purpose) {
    Tensor coins = drawn(new Range(0, 1), images, context, purpose, axis);
    Tensor chosen = torch.lt(coins, new Scalar(0.5f)).to(images.device(), ScalarType.Bool);
    return torch.where(chosen.view(-1, 1, 1, 1), images.flip(axis), images);
  }

  private static Tensor warped(Warp spec, Tensor images, ForwardContext context, long purpose) {
    if (images.scalar_type().intern() == ScalarType.BFloat16) {
      // Coordinates of 8 bits would miss their pixels, and libtorch has no grid of them.
      return warped(spec, images.to(ScalarType.Float), context, purpose).to(ScalarType.BFloat16);
    }
    double height = images.size(HEIGHT);
    double width = images.size(WIDTH);
    Tensor zero = TensorConversion.emptyLike(images, images.size(ROWS)).zero_();
    Tensor[] map =
        switch (spec) {
          case AugmentationSpec.Rotation rotation -> {
            Tensor angle =
                drawn(rotation.factor(), images, context, purpose, 0).mul(new Scalar(2 * Math.PI));
            Tensor sine = angle.sin();
            Tensor cosine = angle.cos();
            yield new Tensor[] {
              cosine,
              sine.mul(new Scalar(-height / width)),
              zero,
              sine.mul(new Scalar(width / height)),
              cosine,
              zero
            };
          }
          case AugmentationSpec.Translation translation -> {
            Tensor right = drawn(translation.width(), images, context, purpose, WIDTH);
            Tensor down = drawn(translation.height(), images, context, purpose, HEIGHT);
            Tensor one = zero.add(new Scalar(1.0));
            // The image is 2 wide and 2 high.
            yield new Tensor[] {
              one, zero, right.mul(new Scalar(-2.0)), zero, one, down.mul(new Scalar(-2.0))
            };
          }
          case AugmentationSpec.Zoom zoom -> {
            Range across = zoom.width();
            Tensor tall = drawn(zoom.height(), images, context, purpose, HEIGHT);
            Tensor wide = across == null ? tall : drawn(across, images, context, purpose, WIDTH);
            Scalar one = new Scalar(1.0);
            yield new Tensor[] {wide.add(one), zero, zero, zero, tall.add(one), zero};
          }
        };
    Tensor maps =
        torch
            .stack(new TensorVector(map), 1)
            .view(-1, 2, 3)
            .to(images.device(), images.scalar_type());
    long[] shape = images.sizes().vec().get();
    return sampled(spec.sampling(), images, torch.affine_grid_generator(maps, shape, false));
  }

  private static Tensor sampled(Sampling sampling, Tensor images, Tensor grid) {
    long mode = sampling.interpolation() == Sampling.Interpolation.BILINEAR ? BILINEAR : NEAREST;
    return switch (sampling.fill()) {
      case NEAREST -> torch.grid_sampler(images, grid, mode, BORDER, false);
      case REFLECT -> torch.grid_sampler(images, grid, mode, REFLECTION, false);
      case CONSTANT -> {
        if (sampling.value() == 0) {
          yield torch.grid_sampler(images, grid, mode, ZEROS, false);
        }
        Scalar value = new Scalar(sampling.value());
        yield torch.grid_sampler(images.sub(value), grid, mode, ZEROS, false).add(value);
      }
      case WRAP -> {
        Tensor around = bordered(bordered(images, HEIGHT), WIDTH);
        yield torch.grid_sampler(around, wrapped(grid, images), mode, BORDER, false);
      }
    };
  }

  /** Images with one more pixel at both ends of an axis, from the other end. */
  private static Tensor bordered(Tensor images, int axis) {
    long length = images.size(axis);
    return torch.cat(
        new TensorVector(images.narrow(axis, length - 1, 1), images, images.narrow(axis, 0, 1)),
        axis);
  }

  /** Coordinates modulo the image, within the image with its border. */
  private static Tensor wrapped(Tensor grid, Tensor images) {
    Tensor sides = images.new_empty(2);
    sides.select(0, 0).fill_(new Scalar((double) images.size(WIDTH)));
    sides.select(0, 1).fill_(new Scalar((double) images.size(HEIGHT)));
    Tensor share = grid.add(new Scalar(1.0)).mul(new Scalar(0.5));
    Tensor within = share.sub(share.floor());
    Scalar two = new Scalar(2.0);
    Tensor borders = within.mul(sides).mul(two).add(two);
    return borders.div(sides.add(two)).sub(new Scalar(1.0));
  }

  private static Tensor middle(AugmentationSpec.Crop crop, Tensor images) {
    long top = (images.size(HEIGHT) - crop.height()) / 2;
    long left = (images.size(WIDTH) - crop.width()) / 2;
    return images.narrow(HEIGHT, top, crop.height()).narrow(WIDTH, left, crop.width());
  }

  private static Tensor cropped(
      AugmentationSpec.Crop crop, Tensor images, ForwardContext context, long purpose) {
    Tensor lower = cut(images, HEIGHT, crop.height(), context, purpose);
    return cut(lower, WIDTH, crop.width(), context, purpose);
  }

  /** A part of each row along an axis, at a random place. */
  private static Tensor cut(
      Tensor images, int axis, long length, ForwardContext context, long purpose) {
    long places = images.size(axis) - length + 1;
    Tensor first =
        drawn(new Range(0, places), images, context, purpose, axis)
            .floor()
            // Rounded, the largest number drawn may be the end of the range.
            .clamp_max(new Scalar((double) places - 1))
            .to(images.device(), ScalarType.Long);
    long[] along = {1, 1, 1, 1};
    along[axis] = length;
    Tensor steps = torch.arange(new Scalar(length), first.options()).view(along);
    long[] shape = images.sizes().vec().get();
    shape[axis] = length;
    Tensor index = first.view(-1, 1, 1, 1).add(steps).expand(shape);
    return torch.gather(images, axis, index);
  }

  private static Tensor contrasted(
      AugmentationSpec.Contrast spec, Tensor images, ForwardContext context, long purpose) {
    Tensor factor = perImage(drawn(spec.factor(), images, context, purpose, 0), images);
    Tensor mean = torch.mean(images, new long[] {HEIGHT, WIDTH}, true, new ScalarTypeOptional());
    Tensor changed = images.sub(mean).mul(factor.add(new Scalar(1.0))).add(mean);
    Range range = spec.range();
    return range == null
        ? changed
        : changed.clamp(
            new ScalarOptional(new Scalar(range.low())),
            new ScalarOptional(new Scalar(range.high())));
  }
}

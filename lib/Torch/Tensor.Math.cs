using System.Runtime.InteropServices;

namespace TorchSharp;

/// <content>Arithmetic, element by element, and matrix products. Operands broadcast as in PyTorch.</content>
public static partial class torch
{
    /// <summary>Picks from two tensors, element by element.</summary>
    /// <param name="condition">Bool.</param>
    /// <param name="x">Taken where true.</param>
    /// <param name="y">Taken where false.</param>
    /// <returns>The broadcast shape.</returns>
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Tensor.Where(condition, x, y);

    /// <summary>The matrix product of the last two dimensions; the others broadcast.</summary>
    /// <param name="input"><c>[..., n, k]</c>.</param>
    /// <param name="target"><c>[..., k, m]</c>.</param>
    /// <returns><c>[..., n, m]</c>.</returns>
    /// <exception cref="TorchShapeException">The shapes do not fit.</exception>
    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public sealed partial class Tensor
    {
        /// <summary>The negative of each element.</summary>
        /// <returns>Same shape.</returns>
        public Tensor neg() => Made(lt_neg(Handle, out var result), result);

        /// <summary>The magnitude of each element.</summary>
        /// <returns>Same shape.</returns>
        public Tensor abs() => Made(lt_abs(Handle, out var result), result);

        /// <summary>e to the power of each element.</summary>
        /// <returns>Same shape.</returns>
        public Tensor exp() => Made(lt_exp(Handle, out var result), result);

        /// <summary>The natural logarithm of each element.</summary>
        /// <returns>Same shape.</returns>
        public Tensor log() => Made(lt_log(Handle, out var result), result);

        /// <summary>The square root of each element.</summary>
        /// <returns>Same shape.</returns>
        public Tensor sqrt() => Made(lt_sqrt(Handle, out var result), result);

        /// <summary>One over the square root of each element.</summary>
        /// <returns>Same shape.</returns>
        public Tensor rsqrt() => Made(lt_rsqrt(Handle, out var result), result);

        /// <summary>The sine of each element, in radians.</summary>
        /// <returns>Same shape.</returns>
        public Tensor sin() => Made(lt_sin(Handle, out var result), result);

        /// <summary>The cosine of each element, in radians.</summary>
        /// <returns>Same shape.</returns>
        public Tensor cos() => Made(lt_cos(Handle, out var result), result);

        /// <summary>The hyperbolic tangent of each element.</summary>
        /// <returns>Same shape.</returns>
        public Tensor tanh() => Made(lt_tanh(Handle, out var result), result);

        /// <summary>Bool: neither infinite nor not a number.</summary>
        /// <returns>Same shape.</returns>
        public Tensor isfinite() => Made(lt_isfinite(Handle, out var result), result);

        /// <summary>Bool: true where the element is zero.</summary>
        /// <returns>Same shape.</returns>
        public Tensor logical_not() => Made(lt_logical_not(Handle, out var result), result);

        /// <summary>The sum, element by element.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor add(Tensor target) => Made(lt_add(Handle, target.Handle, out var result), result);

        /// <summary>The sum, element by element.</summary>
        /// <param name="left">The left operand.</param>
        /// <param name="right">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);

        /// <summary>The sum, element by element.</summary>
        /// <param name="scalar">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor add(Scalar scalar) => Made(lt_add_scalar(Handle, scalar, out var result), result);

        /// <summary>The sum, element by element.</summary>
        /// <param name="left">The left operand.</param>
        /// <param name="right">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);

        /// <summary>The difference, element by element.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor sub(Tensor target) => Made(lt_sub(Handle, target.Handle, out var result), result);

        /// <summary>The difference, element by element.</summary>
        /// <param name="left">The left operand.</param>
        /// <param name="right">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);

        /// <summary>The difference, element by element.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor sub(Scalar target) => Made(lt_sub_scalar(Handle, target, out var result), result);

        /// <summary>The difference, element by element.</summary>
        /// <param name="left">The left operand.</param>
        /// <param name="right">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);

        /// <summary>The product, element by element.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor mul(Tensor target) => Made(lt_mul(Handle, target.Handle, out var result), result);

        /// <summary>The product, element by element.</summary>
        /// <param name="left">The left operand.</param>
        /// <param name="right">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);

        /// <summary>The product, element by element.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor mul(Scalar target) => Made(lt_mul_scalar(Handle, target, out var result), result);

        /// <summary>The product, element by element.</summary>
        /// <param name="left">The left operand.</param>
        /// <param name="right">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);

        /// <summary>The quotient, element by element.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor div(Tensor target) => Made(lt_div(Handle, target.Handle, out var result), result);

        /// <summary>The quotient, element by element.</summary>
        /// <param name="left">The left operand.</param>
        /// <param name="right">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);

        /// <summary>The quotient, element by element.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor div(Scalar target) => Made(lt_div_scalar(Handle, target, out var result), result);

        /// <summary>The quotient, element by element.</summary>
        /// <param name="left">The left operand.</param>
        /// <param name="right">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);

        /// <summary>Each element to a power.</summary>
        /// <param name="exponent">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor pow(Tensor exponent) => Made(lt_pow(Handle, exponent.Handle, out var result), result);

        /// <summary>Each element to a power.</summary>
        /// <param name="exponent">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor pow(Scalar exponent) => Made(lt_pow_scalar(Handle, exponent, out var result), result);

        /// <summary>Bool: equal.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor eq(Tensor target) => Made(lt_eq(Handle, target.Handle, out var result), result);

        /// <summary>Bool: equal.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor eq(Scalar target) => Made(lt_eq_scalar(Handle, target, out var result), result);

        /// <summary>Bool: greater.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor gt(Tensor target) => Made(lt_gt(Handle, target.Handle, out var result), result);

        /// <summary>Bool: greater.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor gt(Scalar target) => Made(lt_gt_scalar(Handle, target, out var result), result);

        /// <summary>Bool: less.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor lt(Tensor target) => Made(lt_lt(Handle, target.Handle, out var result), result);

        /// <summary>Bool: less.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The broadcast shape.</returns>
        public Tensor lt(Scalar target) => Made(lt_lt_scalar(Handle, target, out var result), result);

        /// <summary>The negative of each element.</summary>
        /// <param name="tensor">The operand.</param>
        /// <returns>Same shape.</returns>
        public static Tensor operator -(Tensor tensor) => tensor.neg();

        /// <summary>Bool: both are non-zero.</summary>
        /// <param name="other">The right operand.</param>
        /// <returns>The result.</returns>
        /// <exception cref="TorchShapeException">The shapes do not fit.</exception>
        public Tensor logical_and(Tensor other) => Made(lt_logical_and(Handle, other.Handle, out var result), result);

        /// <summary>The matrix product of the last two dimensions; the others broadcast.</summary>
        /// <param name="target">The right operand.</param>
        /// <returns>The result.</returns>
        /// <exception cref="TorchShapeException">The shapes do not fit.</exception>
        public Tensor matmul(Tensor target) => Made(lt_matmul(Handle, target.Handle, out var result), result);

        /// <summary>Adds in place.</summary>
        /// <param name="target">What to add.</param>
        /// <param name="alpha">Its factor.</param>
        /// <returns>This tensor.</returns>
        public Tensor add_(Tensor target, Scalar alpha)
        {
            Native.Check(lt_add_(Handle, target.Handle, alpha));
            return this;
        }

        /// <summary>Multiplies in place.</summary>
        /// <param name="target">The factor.</param>
        /// <returns>This tensor.</returns>
        public Tensor mul_(Scalar target)
        {
            Native.Check(lt_mul_scalar_(Handle, target));
            return this;
        }

        /// <summary>Adds <c>value * tensor1 * tensor2</c> in place.</summary>
        /// <param name="tensor1">One factor.</param>
        /// <param name="tensor2">The other.</param>
        /// <param name="value">A constant factor.</param>
        /// <returns>This tensor.</returns>
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Native.Check(lt_addcmul_(Handle, tensor1.Handle, tensor2.Handle, value));
            return this;
        }

        /// <summary>Adds <c>value * tensor1 / tensor2</c> in place.</summary>
        /// <param name="tensor1">The numerator.</param>
        /// <param name="tensor2">The denominator.</param>
        /// <param name="value">A constant factor.</param>
        /// <returns>This tensor.</returns>
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Native.Check(lt_addcdiv_(Handle, tensor1.Handle, tensor2.Handle, value));
            return this;
        }

        internal static Tensor Where(Tensor condition, Tensor yes, Tensor no) =>
            Made(lt_where(condition.Handle, yes.Handle, no.Handle, out var result), result);

        [LibraryImport(Native.Library)]
        private static partial int lt_neg(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_abs(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_exp(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_log(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_sqrt(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_rsqrt(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_sin(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_cos(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_tanh(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_isfinite(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_logical_not(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_add(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_add_scalar(TensorHandle left, Scalar right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_sub(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_sub_scalar(TensorHandle left, Scalar right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_mul(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_mul_scalar(TensorHandle left, Scalar right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_div(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_div_scalar(TensorHandle left, Scalar right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_pow(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_pow_scalar(TensorHandle left, Scalar right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_eq(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_eq_scalar(TensorHandle left, Scalar right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_gt(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_gt_scalar(TensorHandle left, Scalar right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_lt(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_lt_scalar(TensorHandle left, Scalar right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_logical_and(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_matmul(TensorHandle left, TensorHandle right, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_where(
            TensorHandle condition, TensorHandle yes, TensorHandle no, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_add_(TensorHandle tensor, TensorHandle other, Scalar alpha);

        [LibraryImport(Native.Library)]
        private static partial int lt_mul_scalar_(TensorHandle tensor, Scalar factor);

        [LibraryImport(Native.Library)]
        private static partial int lt_addcmul_(
            TensorHandle tensor, TensorHandle left, TensorHandle right, Scalar value);

        [LibraryImport(Native.Library)]
        private static partial int lt_addcdiv_(
            TensorHandle tensor, TensorHandle left, TensorHandle right, Scalar value);
    }
}

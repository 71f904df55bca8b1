using System.Runtime.InteropServices;

namespace TorchSharp;

/// <content>Gradients.</content>
public static partial class torch
{
    /// <summary>Turns the recording of gradients off until disposed. Belongs to the thread: do not await inside.</summary>
    /// <returns>The guard, for a <c>using</c>.</returns>
    public static IDisposable no_grad() => new GradGuard(enabled: false);

    private sealed partial class GradGuard : IDisposable
    {
        private readonly int _before;

        public GradGuard(bool enabled) => Native.Check(lt_set_grad_enabled(enabled ? 1 : 0, out _before));

        public void Dispose() => Native.Check(lt_set_grad_enabled(_before, out _));

        [LibraryImport(Native.Library)]
        private static partial int lt_set_grad_enabled(int enabled, out int before);
    }

    public sealed partial class Tensor
    {
        /// <summary>Whether operations on this tensor are recorded.</summary>
        public bool requires_grad
        {
            get
            {
                Native.Check(lt_requires_grad(Handle, out var yes));
                return yes != 0;
            }
            set => Native.Check(lt_set_requires_grad(Handle, value ? 1 : 0));
        }

        /// <summary>The accumulated gradient; null before the first <see cref="backward"/>, and to forget it.</summary>
        public Tensor? grad
        {
            get
            {
                Native.Check(lt_grad(Handle, out var result));
                return result.IsInvalid ? null : new Tensor(result);
            }
            set => Native.Check(lt_set_grad(Handle, value?.Handle ?? TensorHandle.None));
        }

        /// <summary>Adds the gradients of this one element to every tensor that it depends on.</summary>
        /// <exception cref="TorchException">It has more than one element, or nothing was recorded.</exception>
        public void backward() => Native.Check(lt_backward(Handle));

        /// <summary>The same values, outside the recording.</summary>
        /// <returns>A view.</returns>
        public Tensor detach() => Made(lt_detach(Handle, out var result), result);

        [LibraryImport(Native.Library)]
        private static partial int lt_set_requires_grad(TensorHandle tensor, int requiresGrad);

        [LibraryImport(Native.Library)]
        private static partial int lt_requires_grad(TensorHandle tensor, out int yes);

        [LibraryImport(Native.Library)]
        private static partial int lt_grad(TensorHandle tensor, out TensorHandle result);

        [LibraryImport(Native.Library)]
        private static partial int lt_set_grad(TensorHandle tensor, TensorHandle gradient);

        [LibraryImport(Native.Library)]
        private static partial int lt_backward(TensorHandle tensor);

        [LibraryImport(Native.Library)]
        private static partial int lt_detach(TensorHandle tensor, out TensorHandle result);
    }
}

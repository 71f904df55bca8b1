namespace Logitscope;
